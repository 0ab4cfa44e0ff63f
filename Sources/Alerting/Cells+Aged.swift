import ConnectionTracking
import PacketDecoding
import StateAccounting

extension Cells {
  /// Ends that have waited as long as the rule says; nil before the table was looked through for them.
  func aged(by grouping: AlertRule.Grouping) -> [AlertSubject: Tally]? {
    guard case .ends(let phases) = rule.metric.definition.source, let aged = readings.accounts.aged,
      aged.ages.contains(rule.olderThan)
    else { return nil }
    let known = Dictionary(readings.accounts.services.map { ($0.service, $0) }) { first, _ in first }
    var tallies: [AlertSubject: Tally] = grouping == .host ? [.host: Tally()] : [:]
    for ends in aged.ends where ends.age == rule.olderThan && phases.contains(ends.phase) && isCounted(ends) {
      let service = known[ends.service]
      guard rule.filter.includes(service: ends.service), rule.filter.includes(unit: ends.owner ?? service?.owner),
        let subject = subject(of: ends, service, by: grouping)
      else { continue }
      tallies[subject, default: Tally()] += Tally(part: ends.count)
    }
    return tallies
  }

  private func isCounted(_ ends: AgedEnds) -> Bool {
    switch rule.side {
    case .any: true
    case .client: ends.role == .client
    case .server: ends.role == .server
    case .local: ends.locality == .local
    case .remote: ends.locality == .remote
    case .transit: ends.locality == .transit
    }
  }

  private func subject(of ends: AgedEnds, _ service: ServiceAccount?, by grouping: AlertRule.Grouping) -> AlertSubject?
  {
    switch grouping {
    case .host: .host
    case .service: service.map { .service($0.service) }
    case .destination: service.flatMap { $0.locality == .remote ? .destination($0.service) : nil }
    case .unit: ends.owner.map { .unit($0) }
    case .peer: nil
    }
  }
}
