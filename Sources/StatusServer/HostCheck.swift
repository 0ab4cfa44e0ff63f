internal import PacketDecoding

/// Which Host a request may name: a page elsewhere that resolves its own name to this address (DNS rebinding) must not
/// read what the daemon knows.
struct HostCheck: Sendable {
  let allowed: [String]

  /// An IP literal, `localhost`, or a configured name, with any port.
  func accepts(_ authority: String) -> Bool {
    authority.hasPrefix("[") ? Self.isIPv6(authority) : isNameOrIPv4(authority)
  }

  /// `[::1]:11060`
  private static func isIPv6(_ authority: String) -> Bool {
    guard let end = authority.firstIndex(of: "]") else { return false }
    guard isPort(authority[authority.index(after: end)...]) else { return false }
    return IPAddress(String(authority[..<end].dropFirst())).map { !$0.isIPv4 } ?? false
  }

  /// `localhost:11060`
  private func isNameOrIPv4(_ authority: String) -> Bool {
    let end = authority.firstIndex(of: ":") ?? authority.endIndex
    guard Self.isPort(authority[end...]) else { return false }
    let name = authority[..<end].lowercased()
    if let address = IPAddress(name) { return address.isIPv4 }
    return name == "localhost" || allowed.contains { $0.lowercased() == name }
  }

  /// Nothing, or a colon and a port.
  private static func isPort(_ text: some StringProtocol) -> Bool {
    // Digits only: `UInt16` takes signs, too.
    text.isEmpty
      || text.hasPrefix(":") && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
        && UInt16(text.dropFirst()) != nil
  }
}
