/// The sections that `status` and `analyze` share.
extension Page {
  static let verdicts = ["server", "client", "simultaneous"]
  static let kinds = ["fin", "rst", "refused", "expired", "reused"]
  static let states = [
    "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",
    "LAST_ACK",
    "TIME_WAIT",
  ]

  /// `server 812 (81.2 %), client 150 (15.0 %), simultaneous 3 (0.3 %)`: shares of those that somebody closed.
  ///
  /// - Parameter open: those of whom nobody has closed first yet.
  static func closedFirst(_ counts: [String: Int], open: Int) -> String {
    let total = verdicts.reduce(0) { $0 + counts[$1, default: 0] }
    let parts = verdicts.map { name in
      let count = counts[name, default: 0]
      return "\(name) \(Figure.count(count))" + (total > 0 ? " (\(Figure.share(count, of: total)))" : "")
    }
    let none = counts["none", default: 0] - open
    return (parts + (none > 0 ? ["nobody \(Figure.count(none))"] : [])).joined(separator: ", ")
  }

  /// `fin 900, rst 50, refused 10`: what there was.
  static func kinds(_ counts: [String: Int]) -> String {
    let parts = kinds.compactMap { name in
      counts[name].flatMap { $0 > 0 ? "\(name) \(Figure.count($0))" : nil }
    }
    return parts.isEmpty ? "none yet" : parts.joined(separator: ", ")
  }

  /// - Parameter peaks: false where they are of other connections too.
  static func timeWait(_ timeWait: Overview.TimeWait, peaks: Bool = true) -> String {
    func part(_ name: String, _ now: Int, _ peak: Int) -> String {
      "\(name) \(Figure.count(now))" + (peaks ? " (peak \(Figure.count(peak)))" : "")
    }
    return part("servers", timeWait.server, timeWait.peakServer) + ", "
      + part("clients", timeWait.client, timeWait.peakClient)
  }

  /// Who closed most often, and its share: `server 99.1 %`.
  static func mostlyClosed(_ counts: [String: Int]) -> String {
    let total = verdicts.reduce(0) { $0 + counts[$1, default: 0] }
    let first = verdicts.max { counts[$0, default: 0] < counts[$1, default: 0] }
    guard total > 0, let first else { return "-" }
    return "\(first) \(Figure.share(counts[first, default: 0], of: total))"
  }

  static func statesTable(_ states: Overview.States) -> TextTable? {
    var table = TextTable([.left("STATE"), .right("CLIENTS"), .right("SERVERS")])
    for name in Self.states {
      let client = states.client[name, default: 0]
      let server = states.server[name, default: 0]
      guard client > 0 || server > 0 else { continue }
      let style: Palette.Style = name == "TIME_WAIT" ? .yellow : .plain
      table.add([.init(name, style), .init(client), .init(server)])
    }
    return table.rows.isEmpty ? nil : table
  }

  static func servicesTable(_ services: some Collection<ServiceLine>) -> TextTable {
    let knowsOwners = services.contains { $0.owner != nil }
    var table = TextTable(
      [
        .left("SERVICE"), .right("CONNECTIONS"), .right("OPEN"), .left("CLOSED FIRST"), .right("SERVER TIME_WAIT"),
        .right("CLIENT TIME_WAIT"), .left("MAINLY WHY"),
      ] + (knowsOwners ? [.left("OWNER")] : [])
    )
    for service in services {
      let owner = knowsOwners ? [TextTable.Cell(service.owner ?? "-")] : []
      table.add(
        [
          .init(service.endpoint), .init(service.connections), .init(service.open),
          .init(mostlyClosed(service.closedFirst)), .init(service.timeWait.server), .init(service.timeWait.client),
          .init(service.mainReason),
        ] + owner
      )
    }
    return table
  }

  static func peersTable(_ peers: some Sequence<PeerLine>) -> TextTable {
    var table = TextTable([
      .left("CLIENT"), .left("SERVICE"), .right("CONNECTIONS"), .right("OPEN"), .right("TIME_WAIT"),
      .left("CLOSED FIRST"), .left("SOURCE PORTS"),
    ])
    for peer in peers {
      table.add([
        .init(peer.address), .init(peer.service), .init(peer.connections), .init(peer.open),
        .init(peer.timeWait.client + peer.timeWait.server), .init(mostlyClosed(peer.closedFirst)), .init(ports(peer)),
      ])
    }
    return table
  }

  /// A new port for each connection is what a client does that keeps none alive.
  private static func ports(_ peer: PeerLine) -> String {
    let recent = peer.recentPorts.prefix(3).map(String.init).joined(separator: " ")
    guard peer.connections > 1 else { return recent }
    let hint =
      switch peer.newPorts {
      case ...1: "the same each time"
      case peer.connections...: "a new one each time"
      default: "a new one \(Figure.count(peer.newPorts)) times"
      }
    return recent.isEmpty ? hint : "\(hint): \(recent)"
  }

  /// `name 3, other 1`, most first.
  static func list(_ counts: [String: Int]) -> String {
    counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \(Figure.count($0.value))" }.joined(separator: ", ")
  }
}
