package import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

extension Snapshot {
  /// What a good colleague would point out, the most urgent first.
  package var findings: [Finding] {
    let ports = portFindings
    let subjects = Dictionary(accounts.services.map { ($0.service, FindingSubject($0)) }) { first, _ in first }
    let found =
      ports + timeWaitFindings(arePortsShort: !ports.isEmpty) + handshakeFindings + lingeringFindings
      + causes.findings { subjects[$0] ?? FindingSubject($0) } + [incompleteFigures].compactMap { $0 }
    // Sorting is stable only by what is compared.
    let order = Dictionary(uniqueKeysWithValues: Finding.Identifier.allCases.enumerated().map { ($1, $0) })
    return found.enumerated().sorted { a, b in
      if a.element.severity != b.element.severity { return a.element.severity > b.element.severity }
      let (own, others) = (order[a.element.id] ?? 0, order[b.element.id] ?? 0)
      return own != others ? own < others : a.offset < b.offset
    }.map(\.element)
  }

  /// Some figures lack what was lost on the way to them.
  private var incompleteFigures: Finding? {
    let isLossy = dropped > 0 && dropped * 1000 >= captured + dropped
    guard table.evicted > 0 || isLossy else { return nil }
    let words = [
      isLossy ? "capture lost \(dropped) of \(captured + dropped) packets" : nil,
      table.evicted > 0 ? "the table was full and shed \(table.evicted) connections" : nil,
    ].compactMap { $0 }
    return Finding(
      .figuresIncomplete,
      .warning,
      summary: "Figures are incomplete: \(words.joined(separator: ", and ")).",
      advice: "A larger capture.buffer holds bursts, fewer interfaces cost less; memory_limit sizes the table.",
      evidence: [
        Finding.Evidence("packets_dropped", .count(dropped)),
        Finding.Evidence("packets_captured", .count(captured)),
        Finding.Evidence("connections_evicted", .count(table.evicted)),
        Finding.Evidence("table_capacity", .count(table.capacity)),
      ]
    )
  }
}

extension FindingSubject {
  init(_ account: ServiceAccount) {
    self.init(account.service)
    locality = account.locality
    owner = account.owner
    clientTimeWait = account.client[.timeWait]
    serverTimeWait = account.server[.timeWait]
    unanswered = account.handshakes.unanswered + account.handshakes.unreachable
    exchangesPerConnection = account.histograms.exchanges.mean
  }
}
