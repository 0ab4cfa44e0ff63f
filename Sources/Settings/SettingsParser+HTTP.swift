import PacketDecoding
import Yams

extension SettingsParser {
  mutating func http(_ node: Node, _ path: String) -> Settings.HTTP? {
    let keys = ["listen", "allowed_hosts", "socket", "metrics_listen"]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    var http = Settings.HTTP()
    assign(&http.listen, section, "listen") { $0.loopback($1, $2) }
    assign(&http.allowedHosts, section, "allowed_hosts") { $0.list($1, $2) { $0.host($1, $2) } }
    assign(&http.socket, section, "socket") { $1.isNull ? nil : $0.socket($1, $2) }
    assign(&http.metricsListen, section, "metrics_listen") { $1.isNull ? nil : $0.endpoint($1, $2) }
    if let metrics = http.metricsListen, let node = section["metrics_listen"], metrics.takes(http.listen) {
      report(node, "\(section.path(of: "metrics_listen")): \(metrics) takes the port of http.listen (\(http.listen))")
    }
    return http
  }

  mutating func endpoint(_ node: Node, _ path: String) -> Endpoint? {
    if let endpoint = node.scalar.flatMap({ AddressParsing.endpoint($0.string) }) { return endpoint }
    report(node, "\(path): needs an address and a port such as 127.0.0.1:11060 or [::1]:11060, not \(node.kind)")
    return nil
  }

  /// The whole API tells who talks to whom: off loopback it needs a certificate and a token, and there are none yet.
  private mutating func loopback(_ node: Node, _ path: String) -> Endpoint? {
    guard let endpoint = endpoint(node, path) else { return nil }
    if endpoint.address.isLoopback { return endpoint }
    report(
      node,
      "\(path): \(node.kind) is not a loopback address: off loopback the API would need TLS and a bearer token, which this "
        + "version does not have; http.metrics_listen serves metrics alone to the network"
    )
    return nil
  }

  private mutating func host(_ node: Node, _ path: String) -> String? {
    guard let host = text(node, path) else { return nil }
    let isName = host.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    if isName && host.utf8.count < 254 { return host }
    report(node, "\(path): needs a host name without a port, not \(node.kind)")
    return nil
  }

  private mutating func socket(_ node: Node, _ path: String) -> String? {
    guard let socket = text(node, path) else { return nil }
    // sun_path holds 108 bytes with the zero at its end.
    guard socket.hasPrefix("/") && socket.utf8.count < 108 && !socket.utf8.contains(0) else {
      report(node, "\(path): needs an absolute path of at most 107 bytes, not \(node.kind)")
      return nil
    }
    // One that a daemon left there makes way.
    guard FileReading.isSocketOrFree(socket) else {
      report(node, "\(path): \(node.kind) exists, and is no socket")
      return nil
    }
    return socket
  }
}

extension Endpoint {
  /// Whether a listener here keeps another from `other`.
  fileprivate func takes(_ other: Endpoint) -> Bool {
    port == other.port && port != 0 && (address == other.address || address.isWildcard(for: other.address))
  }
}
