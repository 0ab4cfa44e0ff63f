import PacketDecoding

extension Page {
  private static let listed = 10

  /// The answers for a capture file: who closed first, how, and what is left over at its end.
  mutating func add(_ summary: AnalysisSummary) {
    let overview = summary.overview
    add(Self.entries(summary))
    if let table = Self.statesTable(overview.states) {
      gap()
      add("States at the end", .bold)
      add(table)
    }
    if !overview.services.isEmpty {
      gap()
      add(Self.title("Services", shown: min(Self.listed, overview.services.count), of: overview.services.count), .bold)
      add(Self.servicesTable(overview.services.prefix(Self.listed)))
    }
    if let lingering = overview.lingering, !lingering.isEmpty {
      gap()
      add(Self.title("Waiting at the end", shown: min(Self.listed, lingering.count), of: lingering.count), .bold)
      add(Self.lingeringTable(lingering.prefix(Self.listed)))
    }
    if !summary.peers.isEmpty {
      gap()
      add(Self.title("Clients", shown: min(Self.listed, summary.peers.count), of: summary.peers.count), .bold)
      add(Self.peersTable(summary.peers.prefix(Self.listed)))
    }
    if let findings = overview.findings, !findings.isEmpty {
      gap()
      add("Findings", .bold)
      addFindings(findings)
    }
  }

  private static func title(_ name: String, shown: Int, of all: Int) -> String {
    shown < all ? "\(name) (\(shown) of \(Figure.count(all)))" : name
  }

  private static func entries(_ summary: AnalysisSummary) -> [Entry] {
    let overview = summary.overview
    var entries = [Entry(summary.files.count == 1 ? "File" : "Files", names(summary.files))]
    if let filter = summary.filter { entries.append(Entry("Filter", ["\(filter) (what follows is of these alone)"])) }
    entries += [
      Entry("Packets", ["\(Figure.count(overview.packets)), \(Figure.count(overview.tcpPackets)) of them TCP"]),
      Entry("Time", [span(summary)]),
      Entry("Connections", ["\(Figure.count(overview.connections)), \(Figure.count(overview.open)) open at the end"]),
      Entry("Closed first", [closedFirst(overview.closedFirst, open: overview.open)]),
      Entry("Ended by", [kinds(overview.closeKind)]),
    ]
    if let causes = causes(overview.closeCause ?? [:]) { entries.append(Entry("Why", [causes])) }
    entries.append(Entry("TIME_WAIT", [timeWait(overview.timeWait, peaks: summary.filter == nil)]))
    let handshakes = handshakes(overview.handshakes)
    if !handshakes.isEmpty { entries.append(Entry("Handshakes", handshakes)) }
    if !list(overview.undecoded).isEmpty { entries.append(Entry("Not decoded", [list(overview.undecoded)])) }
    if !list(overview.anomalies).isEmpty { entries.append(Entry("Oddities", [list(overview.anomalies)])) }
    if !summary.damage.isEmpty { entries.append(Entry("Truncated", summary.damage, .yellow)) }
    return entries
  }

  private static func names(_ files: [String]) -> [String] {
    guard files.count > listed else { return files }
    return files.prefix(listed - 1) + ["and \(Figure.count(files.count - listed + 1)) more"]
  }

  private static func span(_ summary: AnalysisSummary) -> String {
    guard let first = summary.first, let last = summary.last else { return "no packets" }
    let length = Double(last.nanoseconds &- first.nanoseconds) / 1e9
    return "\(first) to \(last) (\(Figure.span(seconds: length)))"
  }
}
