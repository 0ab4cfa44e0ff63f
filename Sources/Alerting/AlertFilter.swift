package import PacketDecoding
import StateAccounting

/// Which connections a rule looks at: those that fit every key that is given. `where` in the configuration.
package struct AlertFilter: Sendable, Equatable {
  package enum Key: String, CaseIterable, Sendable {
    case service, unit, peer
  }

  /// Of the server's ends, any of these; empty for all.
  package var services: [ServicePattern] = []
  /// Holders of the end of this host: names, with `*` for anything.
  package var units: [String] = []
  /// Of clients.
  package var peers: [CIDR] = []

  package init() {}

  package var isEmpty: Bool { services.isEmpty && units.isEmpty && peers.isEmpty }

  func includes(service: Endpoint) -> Bool {
    services.isEmpty || services.contains { $0.matches(service) }
  }

  package func includes(client: Endpoint, server: Endpoint) -> Bool {
    includes(service: server) && includes(peer: client.address)
  }

  package func includes(unit: String?) -> Bool {
    guard !units.isEmpty else { return true }
    guard let unit else { return false }
    return units.contains { Glob.matches(unit, $0) }
  }

  func includes(peer: IPAddress) -> Bool {
    peers.isEmpty || peers.contains { $0.contains(peer) }
  }

  func includes(_ account: ServiceAccount) -> Bool {
    includes(service: account.service) && includes(unit: account.owner)
  }
}

/// Servers by address, by port, or by both: `10.0.0.1:8081`, `10.0.0.0/8`, `:8081`, `10.0.0.0/8:8081`.
package struct ServicePattern: Sendable, Equatable {
  package var network: CIDR?
  package var port: UInt16?

  package init(network: CIDR?, port: UInt16?) {
    self.network = network
    self.port = port
  }

  /// nil for text that is none.
  package init?(_ text: String) {
    if let network = CIDR(text) {
      self.init(network: network, port: nil)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[colon...].dropFirst()) else { return nil }
    guard colon > text.startIndex else {
      self.init(network: nil, port: port)
      return
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard let network = CIDR(host) else { return nil }
    self.init(network: network, port: port)
  }

  private static func port(_ digits: Substring) -> UInt16? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(digits) : nil
  }

  func matches(_ service: Endpoint) -> Bool {
    network?.contains(service.address) ?? true && port.map { $0 == service.port } ?? true
  }

  package var text: String {
    guard let network else { return port.map { ":\($0)" } ?? "" }
    let isHost = network.prefixLength == (network.address.isIPv4 ? 32 : 128)
    let address = AddressText.text(network.address)
    let host = isHost ? address : "\(address)/\(network.prefixLength)"
    guard let port else { return host }
    return network.address.isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
  }
}
