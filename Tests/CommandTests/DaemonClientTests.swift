import Foundation
import Testing

@testable import tcpstated

@Suite struct DaemonClientTests {
  static func client(_ url: String) throws -> DaemonClient {
    DaemonClient(url: try #require(DaemonURL(url)))
  }

  static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

  @Test func asksForAPathWithAQuery() throws {
    let server = try TestServer(answer: Self.ok)
    let body = try Self.client(server.url).get(
      "/api/v1/connections",
      query: [("limit", "5"), ("filter", "dst [::1]:80 & é")]
    )
    #expect(String(decoding: body, as: UTF8.self) == "{}")
    let lines = server.request.components(separatedBy: "\r\n")
    #expect(lines[0] == "GET /api/v1/connections?limit=5&filter=dst%20%5B%3A%3A1%5D%3A80%20%26%20%C3%A9 HTTP/1.1")
    #expect(lines.contains("Host: \(server.url.dropFirst("http://".count))"))
    #expect(lines.contains("Connection: close"))
  }

  @Test func asksOverAUnixSocket() throws {
    let path = NSTemporaryDirectory() + "tcpstated-\(UUID().uuidString.prefix(8)).sock"
    defer { unsafe unlink(path) }
    let server = try TestServer(answer: Self.ok, path: path)
    _ = try Self.client(server.url).get("/healthz")
    #expect(server.request.contains("\r\nHost: localhost\r\n"))
  }

  @Test func saysThatNobodyIsThere() throws {
    let port = try SilentPort()
    let url = port.url
    #expect(
      throws: Failure(
        "no daemon answers at \(url): connection refused; start it with `systemctl start tcpstated` or give --url",
        isUnreachable: true
      )
    ) {
      _ = try Self.client(url).get("/")
    }
    let path = "unix:///nowhere/tcpstated.sock"
    #expect(
      throws: Failure(
        "no daemon answers at \(path): no such file or directory; start it with `systemctl start tcpstated` or give --url",
        isUnreachable: true
      )
    ) {
      _ = try Self.client(path).get("/")
    }
  }

  @Test(arguments: [
    (
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{\"title\": \"Bad parameter\", \"detail\": \"limit: \\u001b[2J\"}",
      #"answers 400: Bad parameter: limit: \u{1b}[2J"#
    ),
    ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answers 503: Service Unavailable"),
  ])
  func passesOnWhatTheDaemonSays(_ answer: String, _ message: String) throws {
    let server = try TestServer(answer: answer)
    #expect(throws: Failure("the daemon at \(server.url) \(message)")) { _ = try Self.client(server.url).get("/") }
  }

  @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"])
  func recognizesSomethingElse(_ answer: String) throws {
    let server = try TestServer(answer: answer)
    #expect(throws: Failure("what answers at \(server.url) does not speak HTTP as a daemon does")) {
      _ = try Self.client(server.url).get("/")
    }
  }

  @Test(arguments: [
    ("{}", "services is lacking"), ("<html>", "no JSON"), (#"{"services": 5}"#, "services is of another type"),
  ])
  func recognizesAnotherDocument(_ body: String, _ what: String) throws {
    let server = try TestServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    #expect(throws: Failure("what answers at \(server.url) is not this daemon, or of another version: \(what)")) {
      _ = try Self.client(server.url).get(ServicesDocument.self, from: "/api/v1/services")
    }
  }
}
