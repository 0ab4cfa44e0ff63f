import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;

/** The JDK's two HTTP clients: KIND URL COUNT [SECONDS to stay after the last answer]. */
class Client {
  public static void main(String[] arguments) throws Exception {
    var uri = URI.create(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    switch (arguments[0]) {
      case "url-connection" -> urlConnection(uri, count, false);
      case "url-connection-disconnect" -> urlConnection(uri, count, true);
      case "http-client" -> httpClient(uri, count);
      case "http-client-at-once" -> httpClientAtOnce(uri, count);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    if (arguments.length > 3) Thread.sleep(1000 * Long.parseLong(arguments[3]));
    // The selector threads of clients would keep the machine running.
    System.exit(0);
  }

  private static void urlConnection(URI uri, int count, boolean disconnects) throws Exception {
    for (int i = 0; i < count; i++) {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      if (disconnects) {
        connection.getResponseCode();
        connection.disconnect();
        continue;
      }
      try (InputStream body = connection.getInputStream()) {
        body.readAllBytes();
      }
    }
  }

  private static HttpRequest request(URI uri) {
    return HttpRequest.newBuilder(uri).build();
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  private static void httpClient(URI uri, int count) throws Exception {
    var client = client();
    for (int i = 0; i < count; i++) client.send(request(uri), BodyHandlers.ofString());
  }

  private static void httpClientAtOnce(URI uri, int count) {
    var client = client();
    var answers = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < count; i++) answers.add(client.sendAsync(request(uri), BodyHandlers.ofString()));
    for (var answer : answers) answer.join();
  }
}
