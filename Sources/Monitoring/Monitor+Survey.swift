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
