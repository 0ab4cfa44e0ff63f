internal import PacketDecoding

/// Programs whose settings advice can name.
enum Product: String, CaseIterable, Sendable {
  case go = "Go"
  case java = "Java"
  case apacheHttpClient = "Apache HttpClient"
  case python = "Python"
  case node = "Node"
  case dotnet = ".NET"
  case curl = "curl"
  case php = "PHP"
  case nginx = "nginx"
  case apache = "Apache"
  case tomcat = "Tomcat"
  case jetty = "Jetty"
  case haproxy = "haproxy"
  case envoy = "Envoy"
  case gunicorn = "gunicorn"
  case uvicorn = "uvicorn"
  case puma = "Puma"

  /// What a unit's or a container's name tells; nil for most.
  init?(owner: String?) {
    guard let owner = owner?.lowercased() else { return nil }
    let words = owner.split { !$0.isLetter && !$0.isNumber && $0 != "." }.map { word in
      word.hasSuffix(".service") ? word.dropLast(8) : word.hasSuffix(".scope") ? word.dropLast(6) : word
    }
    guard let product = Self.allCases.first(where: { product in words.contains { product.goesBy($0) } }) else {
      return nil
    }
    self = product
  }

  private func goesBy(_ word: Substring) -> Bool {
    switch self {
    case .go: word == "golang"
    case .java: word == "java" || word == "jvm"
    case .apacheHttpClient: false
    case .python: word.hasPrefix("python")
    case .node: word == "node" || word == "nodejs"
    case .dotnet: word == "dotnet" || word == "kestrel"
    case .curl: word == "curl"
    case .php: word.hasPrefix("php")
    case .nginx: word == "nginx" || word == "openresty"
    case .apache: word == "apache2" || word == "apache" || word == "httpd"
    case .tomcat: word.hasPrefix("tomcat")
    case .jetty: word.hasPrefix("jetty")
    case .haproxy: word == "haproxy"
    case .envoy: word == "envoy"
    case .gunicorn: word == "gunicorn"
    case .uvicorn: word == "uvicorn"
    case .puma: word == "puma"
    }
  }
}

/// Idle time-outs that programs have unless somebody sets another: a hint at who it is, and no more.
enum KnownTimeout {
  /// `5 s is what Apache (KeepAliveTimeout) and uvicorn have by default`; nil when it is nobody's.
  static func hint(_ value: Seconds, of side: Side) -> String? {
    let known = side == .server ? servers : clients
    let names = known.filter { abs(value.value - $0.seconds) <= max(0.3, $0.seconds / 100) }.map(\.name)
    guard !names.isEmpty else { return nil }
    let list = names.count == 1 ? names[0] : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    return "\(value.rounded.inWords) is the default of \(list)"
  }

  enum Side {
    case client, server
  }

  private static let servers: [(seconds: Double, name: String)] = [
    (2, "gunicorn (keepalive)"), (5, "Apache (KeepAliveTimeout)"), (5, "uvicorn (timeout-keep-alive)"),
    (6, "Node before 26 (keepAliveTimeout 5 s and a second)"), (20, "Tomcat's server.xml (connectionTimeout)"),
    (30, "Jetty (idleTimeout)"), (60, "Tomcat (connectionTimeout)"), (60, "AWS load balancers (idle timeout)"),
    (65, "Puma (persistent_timeout)"), (75, "nginx (keepalive_timeout)"), (75, "aiohttp (keepalive_timeout)"),
    (120, "IIS"), (130, "Kestrel (KeepAliveTimeout)"), (180, "Traefik (idleTimeout)"), (300, "Caddy (idle)"),
    (3600, "Envoy (idle_timeout)"),
  ]

  private static let clients: [(seconds: Double, name: String)] = [
    (5, "Java's HttpURLConnection"), (15, "aiohttp (keepalive_timeout)"),
    (30, "Java's HttpClient (jdk.httpclient.keepalive.timeout)"), (60, "nginx's upstream (keepalive_timeout)"),
    (60, ".NET's HttpClient (PooledConnectionIdleTimeout)"), (90, "Go's DefaultTransport (IdleConnTimeout)"),
    (118, "libcurl (CURLOPT_MAXAGE_CONN)"), (120, "Caddy's proxy"), (180, "Apache HttpClient 5"),
    (300, "OkHttp (keepAliveDuration)"), (3600, "Envoy (idle_timeout)"),
  ]

  /// Limits of requests for a connection.
  static func hint(requests: Int) -> String? {
    switch requests {
    case 100: "100 is the default of Tomcat (maxKeepAliveRequests) and Apache (MaxKeepAliveRequests)"
    case 101: "Apache serves one more than its MaxKeepAliveRequests, 100 by default"
    case 999: "999 is the default of Puma (max_keep_alive)"
    case 1000: "1000 is the default of nginx (keepalive_requests)"
    default: nil
    }
  }
}

extension Seconds {
  /// To a tenth of a second.
  fileprivate var rounded: Seconds { Seconds(nanoseconds: (nanoseconds + 50_000_000) / 100_000_000 * 100_000_000) }
}
