import CloseDiagnosis
import ConnectionTracking
import PacketDecoding

extension FilterParser {
  static let termNames = """
    state, src, dst, sport, dport, host, port, net, client, server, closed-first, kind, cause, conn-state, interface, \
    owner, \
    \"not\" or \"(\"
    """
  private static let stateNames = """
    a state (established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, close-wait, last-ack, closing, listen, \
    connected, open, closed, all)
    """
  private static let addressForm = "an address such as 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80 or [::1]:80"

  /// One test, with its keyword.
  mutating func term() throws(FilterError) -> ConnectionFilter {
    switch peek?.keyword {
    case "state", "side": return .term(try state())
    case "src", "client": return .term(try end(.client))
    case "dst", "server", "service": return .term(try end(.server))
    case "host": return .term(try host(.either))
    case "net": return .term(try network(.either))
    case "port", "sport", "dport": return .term(try port())
    default: return .term(try verdict())
    }
  }

  /// `state STATE [side SIDE]`, or `side SIDE state STATE`.
  ///
  /// A side alone is refused: "state time-wait and side server" would find each TIME_WAIT, since each connection has a
  /// server.
  private mutating func state() throws(FilterError) -> FilterTerm {
    let side = take("side") ? try self.side() : nil
    guard take("state") else {
      throw error("\"state\": a side says whose state is meant, as in \"state time-wait side server\"")
    }
    let state = try take(Self.stateNames) { FilterState($0.text) }
    if side == nil, take("side") { return .state(state, side: try self.side()) }
    return .state(state, side: side)
  }

  private mutating func side() throws(FilterError) -> FilterSide {
    try take("a side (client, server, local, remote, transit)") { FilterSide(rawValue: $0.keyword) }
  }

  /// `src`, `dst`, `client` or `server` with what ss puts there, or with pcap's `host`, `net` and `port`.
  private mutating func end(_ end: FilterEnd) throws(FilterError) -> FilterTerm {
    _ = take("src", "dst", "client", "server", "service")
    switch peek?.keyword {
    case "host": return try host(end)
    case "net": return try network(end)
    case "port":
      _ = take("port")
      return try comparison(end)
    default:
      _ = take("=", "==", "eq")
      return .end(end, try take(Self.addressForm) { FilterAddress($0.text) })
    }
  }

  private mutating func host(_ end: FilterEnd) throws(FilterError) -> FilterTerm {
    _ = take("host")
    return .end(end, try take(Self.addressForm) { FilterAddress($0.text) })
  }

  private mutating func network(_ end: FilterEnd) throws(FilterError) -> FilterTerm {
    _ = take("net")
    let network = try take("a network such as 10.0.0.0/8 or 2001:db8::/32") { CIDR($0.text) }
    return .end(end, FilterAddress(network: network))
  }

  private mutating func port() throws(FilterError) -> FilterTerm {
    if take("sport") { return try comparison(.client) }
    if take("dport") { return try comparison(.server) }
    _ = take("port")
    return try comparison(.either)
  }

  /// `[= | != | < | …] [:]PORT`
  private mutating func comparison(_ end: FilterEnd) throws(FilterError) -> FilterTerm {
    let comparison = peek.flatMap { FilterComparison($0.keyword) }
    if let text = peek?.keyword, comparison != nil { _ = take(text) }
    let port = try take("a port (0 to 65535) such as :8081") { token in
      UInt16(decimal: token.text.first == ":" ? token.text.dropFirst() : token.text[...])
    }
    return .port(end, comparison ?? .equal, port)
  }

  /// The terms that compare one field of a connection, by the field's name.
  private mutating func verdict() throws(FilterError) -> FilterTerm {
    if take("closed-first") {
      _ = take("=", "==", "eq")
      return .closedFirst(try take("client, server, simultaneous or none") { ClosedFirst(filterName: $0.keyword) })
    }
    if take("kind", "close-kind") {
      _ = take("=", "==", "eq")
      return .closeKind(try take("fin, rst, refused, expired, reused or none") { CloseKind(filterName: $0.keyword) })
    }
    if take("cause", "close-cause") {
      _ = take("=", "==", "eq")
      let names = CloseCause.allCases.map(\.name).joined(separator: ", ")
      return try take("a cause (\(names)) or none") { token in
        if token.keyword == "none" { return .closeCause(nil) }
        return CloseCause(name: token.keyword).map { .closeCause($0) }
      }
    }
    if take("conn-state") {
      _ = take("=", "==", "eq")
      return .connState(try take("one of \(zeekStates.joined(separator: " "))") { zeekState($0.text) })
    }
    if take("interface", "dev") {
      _ = take("=", "==", "eq")
      return .interface(try take("the name of an interface") { $0.text })
    }
    if take("owner", "unit") {
      _ = take("=", "==", "eq")
      return .owner(try take("the name of a unit or container, or none") { $0.text })
    }
    throw error(Self.termNames)
  }
}

private let zeekStates = [
  "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH",
]

private func zeekState(_ text: String) -> String? {
  let name = text.uppercased()
  return zeekStates.contains(name) ? name : nil
}

extension ClosedFirst {
  fileprivate init?(filterName name: String) {
    switch name {
    case "client": self = .client
    case "server": self = .server
    case "simultaneous", "both": self = .simultaneous
    case "none", "null": self = .none
    default: return nil
    }
  }
}

extension CloseKind {
  fileprivate init?(filterName name: String) {
    switch name {
    case "fin": self = .fin
    case "rst": self = .rst
    case "refused": self = .refused
    case "expired": self = .expired
    case "reused": self = .reused
    case "none", "null": self = .none
    default: return nil
    }
  }
}
