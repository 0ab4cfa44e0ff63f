import Testing

@testable import tcpstated

@Suite struct DaemonURLTests {
  @Test(arguments: [
    ("http://127.0.0.1:11060", DaemonURL.Place.tcp(host: "127.0.0.1", port: 11060), "127.0.0.1:11060"),
    ("http://127.0.0.1:11060/", .tcp(host: "127.0.0.1", port: 11060), "127.0.0.1:11060"),
    ("HTTP://localhost", .tcp(host: "localhost", port: 80), "localhost:80"),
    ("http://[::1]:11060", .tcp(host: "::1", port: 11060), "[::1]:11060"),
    ("http://[::1]", .tcp(host: "::1", port: 80), "[::1]:80"),
    ("unix:/run/tcpstated/api.sock", .unix(path: "/run/tcpstated/api.sock"), "localhost"),
    ("unix:///run/tcpstated/api.sock", .unix(path: "/run/tcpstated/api.sock"), "localhost"),
  ])
  func reads(_ text: String, _ place: DaemonURL.Place, _ host: String) throws {
    let url = try #require(DaemonURL(text))
    #expect(url.place == place && url.host == host && url.description == text)
  }

  @Test(arguments: [
    "", "127.0.0.1:11060", "https://127.0.0.1", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:b",
    "http://[::1", "http://a/path", "http://a b", "http://a\r\nX: y", "unix://relative", "unix://host/path",
    "unix:relative", "unix:", "http://user@host",
  ])
  func refuses(_ text: String) {
    #expect(DaemonURL(text) == nil)
  }
}
