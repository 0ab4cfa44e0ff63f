import PacketDecoding

/// `http://HOST[:PORT][/PATH][?QUERY]`, or with https.
package struct WebAddress: Sendable, Equatable {
  package var isSecure: Bool
  /// A name or an address, an IPv6 one without its brackets.
  package var host: String
  package var port: UInt16
  /// With the query; it begins with a slash.
  package var path: String

  package init?(_ text: String) {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#") else { return nil }
    let schemes = [("https://", true), ("http://", false)]
    guard let (scheme, isSecure) = schemes.first(where: { text.lowercased().hasPrefix($0.0) }) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    guard let (host, port) = Self.authority(rest[..<end], defaultPort: isSecure ? 443 : 80) else { return nil }
    (self.isSecure, self.host, self.port) = (isSecure, host, port)
    path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
  }

  /// Without a user and a password: what is shown of an address is the host.
  private static func authority(_ text: Substring, defaultPort: UInt16) -> (host: String, port: UInt16)? {
    let isLiteral = text.hasPrefix("[")
    let close = text.firstIndex(of: "]")
    guard isLiteral == (close != nil) else { return nil }
    let hostEnd = close.map { text.index(after: $0) } ?? text.firstIndex(of: ":") ?? text.endIndex
    var host = text[..<hostEnd]
    if isLiteral {
      host = host.dropFirst().dropLast()
      guard AddressParsing.address(String(host)).map({ !$0.isIPv4 }) ?? false else { return nil }
    } else {
      let isName = host.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
      guard isName, !host.isEmpty, host.utf8.count < 254 else { return nil }
    }
    let rest = text[hostEnd...]
    guard !rest.isEmpty else { return (String(host), defaultPort) }
    guard rest.hasPrefix(":"), let port = AddressParsing.decimal(rest.dropFirst()).flatMap(UInt16.init(exactly:)),
      port > 0
    else { return nil }
    return (String(host), port)
  }

  /// Where it leads, without what may be a secret.
  package var origin: String {
    "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}
