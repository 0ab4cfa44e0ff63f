package import PacketDecoding

/// An end as ss writes it: an address or a network, a port, or both. What is left out matches everything.
package struct FilterAddress: Sendable, Equatable {
  package var network: CIDR?
  package var port: UInt16?

  package init(network: CIDR? = nil, port: UInt16? = nil) {
    self.network = network
    self.port = port
  }

  func matches(_ endpoint: Endpoint) -> Bool {
    (network?.contains(endpoint.address) ?? true) && (port.map { $0 == endpoint.port } ?? true)
  }

  /// Reads `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1:80`, `::1`, `[::1]:80`, `[2001:db8::]/32`, `*:80`, `:80` and `*`.
  package init?(_ text: String) {
    guard let (host, port) = Self.split(text) else { return nil }
    if let port {
      guard let number = UInt16(decimal: port) else { return nil }
      self.port = number
    }
    if host == "*" || (host.isEmpty && port != nil) { return }
    guard let network = CIDR(host) else { return nil }
    self.network = network
  }

  /// Takes the port off the end and the brackets off the address. More than one colon without brackets is an IPv6
  /// address, and all of it: no port can be told apart there.
  private static func split(_ text: String) -> (host: String, port: Substring?)? {
    if text.first == "[" {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      let address = String(text[..<bracket].dropFirst())
      let rest = text[bracket...].dropFirst()
      guard rest.isEmpty || rest.first == "/" || rest.first == ":" else { return nil }
      guard let colon = rest.firstIndex(of: ":") else { return (address + rest, nil) }
      return (address + rest[..<colon], rest[colon...].dropFirst())
    }
    guard let colon = text.firstIndex(of: ":"), !text[text.index(after: colon)...].contains(":") else {
      return (text, nil)
    }
    return (String(text[..<colon]), text[text.index(after: colon)...])
  }
}

extension UInt16 {
  /// Digits only, at least one, at most 65535: `UInt16("+80")` would do.
  init?(decimal text: some StringProtocol) {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self.init(text, radix: 10)
  }
}
