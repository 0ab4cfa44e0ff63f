package import Alerting
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// Ends that have waited too long.
extension Monitor {
  /// Few enough to be nothing beside a second's packets; a table of half a million is looked through in half a minute.
  static let surveyedPerTick: UInt32 = 16_384

  /// Ends are counted that have waited for as long as a rule says.
  package mutating func count(agesOf rules: [AlertRule]) {
    lingering.count(ages: Set(rules.map(\.olderThan).filter { $0 > .zero }))
  }

  /// Looks at all of them, in an order that does not depend on where they stand.
  mutating func surveyAll(at now: Instant) {
    lingering.clear()
    guard books.ledger.hasWaiting else { return }
    var waiting: [WaitingEnd] = []
    _ = tracker.forEachWaiting(from: 0, count: .max, at: now) { waiting.append($0) }
    waiting.sort { $0.comesBefore($1) }
    for end in waiting { lingering.add(end, at: now) }
    lingering.goOn(with: nil)
  }

  /// Looks at so many more slots of the table.
  mutating func survey(slots: UInt32, at now: Instant) {
    guard books.ledger.hasWaiting else { return lingering.clear() }
    var survey = lingering
    lingering = LingeringSurvey()
    let next = tracker.forEachWaiting(from: survey.next, count: slots, at: now) { survey.add($0, at: now) }
    survey.goOn(with: next)
    lingering = survey
  }
}
