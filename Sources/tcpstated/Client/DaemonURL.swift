import PacketDecoding

/// Where a daemon is asked: `http://HOST[:PORT]` or `unix:PATH`.
struct DaemonURL: Equatable, Sendable, CustomStringConvertible {
  enum Place: Equatable, Sendable {
    case tcp(host: String, port: UInt16)
    case unix(path: String)
  }

  let place: Place
  /// As it was given, for messages.
  let description: String

  static let standard = DaemonURL(place: .tcp(host: "127.0.0.1", port: 11060), description: "http://127.0.0.1:11060")

  static let standardSocket = DaemonURL(
    place: .unix(path: "/run/tcpstated/http.sock"),
    description: "unix:/run/tcpstated/http.sock"
  )

  private init(place: Place, description: String) {
    self.place = place
    self.description = description
  }

  init?(_ text: String) {
    description = text
    if let path = Self.path(text) {
      place = .unix(path: path)
      return
    }
    guard text.lowercased().hasPrefix("http://"), let place = Self.tcp(text.dropFirst("http://".count)) else {
      return nil
    }
    self.place = place
  }

  /// `unix:/PATH`, or with an empty authority `unix:///PATH`.
  private static func path(_ text: String) -> String? {
    guard text.hasPrefix("unix:/") else { return nil }
    let path = text.dropFirst("unix:".count)
    guard path.hasPrefix("//") else { return String(path) }
    return path.hasPrefix("///") ? String(path.dropFirst(2)) : nil
  }

  /// `HOST[:PORT][/]`, with an IPv6 address in brackets.
  private static func tcp(_ text: Substring) -> Place? {
    let authority = text.last == "/" ? text.dropLast() : text
    let end =
      authority.first == "["
      ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
    guard let end = authority.first == "[" ? end : end ?? authority.endIndex else { return nil }
    let host = authority[..<end].filter { $0 != "[" && $0 != "]" }
    let allowed = { (character: Character) in
      character.isASCII && (character.isLetter || character.isNumber || ".-_:%".contains(character))
    }
    guard !host.isEmpty, host.allSatisfy(allowed) else { return nil }
    let rest = authority[end...]
    if rest.isEmpty { return .tcp(host: host, port: 80) }
    guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
    return .tcp(host: host, port: port)
  }

  /// The Host header: the daemon refuses names it does not know.
  var host: String {
    switch place {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix: "localhost"
    }
  }
}
