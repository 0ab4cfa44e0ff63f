import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting

/// Reads the figures of one rule out of the accounts, by whatever they are asked for.
struct MetricReader {
  let rule: AlertRule
  let now: AlertReadings
  /// A reading from some seconds ago, for what contributed to a figure that is counted over time.
  let before: AlertReadings?

  private var metric: AlertMetric { rule.metric }
  private var side: AlertRule.Side { rule.side }
  private var filter: AlertFilter { rule.filter }

  /// Whether the figure is counted over a window rather than read at a moment.
  var isCounted: Bool { metric.defaultWindow != nil }

  /// Figures as they are now; nil when they cannot be known. A subject without an entry has none of it.
  func gauges(by grouping: AlertRule.Grouping) -> [AlertSubject: Double]? {
    switch metric.definition.source {
    case .ends: return tallies(by: grouping)?.mapValues { Double($0.part) }
    case .ports(let port): return ports(port, by: grouping)
    case .modelDrift: return now.drift.map { [.host: Double($0.magnitude)] }
    case .tableUsed:
      return now.table.flatMap { $0.capacity > 0 ? [.host: 100 * Double($0.used) / Double($0.capacity)] : nil }
    case .rate, .events, .share: return nil
    }
  }

  /// Counts since start; nil when they cannot be known.
  func tallies(by grouping: AlertRule.Grouping) -> [AlertSubject: Tally]? {
    tallies(now, by: grouping)
  }

  private func tallies(_ readings: AlertReadings, by grouping: AlertRule.Grouping) -> [AlertSubject: Tally]? {
    guard readings.knowsLocal || !side.needsLocality else { return nil }
    let cells = Cells(rule: rule, readings: readings)
    if rule.olderThan > .zero { return cells.aged(by: grouping) }
    switch grouping {
    case .host: return [.host: cells.ofHost]
    case .service: return cells.byService { .service($0.service) }
    case .destination: return cells.byService { $0.locality == .remote ? .destination($0.service) : nil }
    case .peer: return cells.byPeer(of: nil)
    case .unit: return cells.byUnit
    }
  }

  /// What makes up the figure, for evidence: what is there now, or what came since the reading before.
  func contributions(by grouping: AlertRule.Grouping) -> [AlertSubject: Double] {
    guard metric.groupings.contains(grouping), let new = tallies(now, by: grouping) else { return [:] }
    return contributions(new) { tallies($0, by: grouping) }
  }

  /// Shares of the figure per peer of one service, or of all; empty for what is not kept per peer.
  func peers(of service: Endpoint?) -> [AlertSubject: Double] {
    guard metric.groupings.contains(.peer), now.knowsLocal || !side.needsLocality else { return [:] }
    return contributions(Cells(rule: rule, readings: now).byPeer(of: service)) {
      Cells(rule: rule, readings: $0).byPeer(of: service)
    }
  }

  private func contributions(
    _ new: [AlertSubject: Tally],
    _ old: (AlertReadings) -> [AlertSubject: Tally]?
  ) -> [AlertSubject: Double] {
    guard isCounted else { return new.mapValues { Double($0.part) } }
    let earlier = before.flatMap(old) ?? [:]
    return Dictionary(
      uniqueKeysWithValues: new.map { ($0, Double($1.since(earlier[$0] ?? Tally()).part)) }
    )
  }

  private func ports(_ port: AlertMetric.Port, by grouping: AlertRule.Grouping) -> [AlertSubject: Double]? {
    guard let ports = now.ports else { return nil }
    let quiet = port == .used ? 0 : Double.infinity
    var values: [AlertSubject: Double] = grouping == .host ? [.host: quiet] : [:]
    for reading in ports where filter.includes(service: reading.destination) {
      let subject = grouping == .host ? AlertSubject.host : .destination(reading.destination)
      let value = port == .used ? reading.usedPercent : reading.exhaustion?.value ?? .infinity
      // Several addresses of this host: the one that is worst off.
      values[subject] = port == .used ? max(values[subject] ?? 0, value) : min(values[subject] ?? .infinity, value)
    }
    return values
  }
}
