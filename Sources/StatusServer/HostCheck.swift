internal import Engine

/// Which Host a request may name: a page elsewhere that resolves its own name to this address (DNS rebinding) must not
/// read what the daemon knows.
struct HostCheck: Sendable {
  let allowed: [String]

  /// An IP literal, `localhost`, or a configured name, with any port.
  func accepts(_ authority: String) -> Bool {
    guard let name = Self.name(of: authority) else { return false }
    if IPAddress(name) != nil { return true }
    let lowered = name.lowercased()
    return lowered == "localhost" || allowed.contains { $0.lowercased() == lowered }
  }

  /// `[::1]:11060` → `::1`, `localhost:11060` → `localhost`.
  private static func name(of authority: String) -> String? {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      let rest = authority[authority.index(after: end)...]
      return isPort(rest) ? String(authority[authority.index(after: authority.startIndex)..<end]) : nil
    }
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return nil }
    return parts.count == 1 || isPort(":" + parts[1]) ? String(name) : nil
  }

  private static func isPort(_ text: some StringProtocol) -> Bool {
    text.isEmpty || text.hasPrefix(":") && UInt16(text.dropFirst()) != nil
  }
}
