package import PacketDecoding

/// Holds rules against readings, again and again, and says what fired and what cleared.
///
/// Pure: time is an argument, so that a replayed file gives the same alerts as the traffic did.
package struct AlertEvaluator: Sendable {
  /// Instances of one rule at most, those with the highest values first: a scan over ten thousand peers is one alert too
  /// many, not ten thousand.
  package static let instanceLimit = 200
  static let resolvedLimit = 1000
  static let resolvedFor = Seconds(3600)

  /// Of the host: they come before the labels of a rule.
  private(set) var labels: [Label]
  var watches: [RuleWatch]
  var resolved: [Resolved] = []
  /// Firing instances of rules that a reload took away; cleared at the next evaluation.
  var orphans: [Orphan] = []
  /// Grows when something is to be saved.
  package private(set) var revision = 0
  /// Readings some seconds old, for evidence of what is counted over time; and those that will be.
  private var before: (readings: AlertReadings, at: Instant)?
  private var next: (readings: AlertReadings, at: Instant)?
  private static let evidenceSpan = Seconds(10)

  struct Resolved {
    var status: AlertStatus
    var at: Instant
  }

  struct Orphan {
    var rule: AlertRule
    var instance: AlertInstance
  }

  package init(rules: [AlertRule] = [.timeWait], labels: [Label] = []) {
    self.labels = labels
    self.watches = rules.map { RuleWatch(rule: $0) }
  }

  /// One look. `now` never goes back; the wall clock may, and only dates what is shown.
  ///
  /// - Parameter examples: gives connections that show what an alert is about.
  package mutating func evaluate(
    _ readings: AlertReadings,
    at now: Instant,
    wallClock: Timestamp,
    examples: (AlertRule, AlertSubject) -> AlertExamples = { _, _ in AlertExamples() }
  ) -> [AlertEvent] {
    withoutActuallyEscaping(examples) { examples in
      let moment = Moment(
        readings: readings,
        before: before?.readings,
        labels: labels,
        at: now,
        wallClock: wallClock,
        examples: examples
      )
      var events = orphanEvents(at: now, wallClock: wallClock)
      for index in watches.indices {
        events += watches[index].evaluate(moment)
        if watches[index].takeChange() { revision += 1 }
      }
      if !events.isEmpty { revision += 1 }
      keep(readings, at: now)
      remember(events, at: now)
      return events
    }
  }

  private mutating func keep(_ readings: AlertReadings, at now: Instant) {
    guard let waiting = next, let last = before else {
      if before == nil { before = (readings, now) } else { next = (readings, now) }
      return
    }
    guard now - last.at >= Self.evidenceSpan, now > waiting.at else { return }
    before = waiting
    next = (readings, now)
  }

  /// What to show: firing, then pending, each by rule and value, then resolved within the last hour, newest first.
  package var statuses: [AlertStatus] {
    let live = watches.flatMap { $0.statuses(labels: labels) }
    let orphaned = orphans.map { $0.instance.status(rule: $0.rule, labels: labels) }
    return live.filter { $0.state == .firing } + orphaned + live.filter { $0.state == .pending }
      + resolved.reversed().map(\.status)
  }
}

extension AlertEvaluator {
  /// A capture file was written when the alert fired.
  package mutating func note(capture path: String, of id: String) {
    for index in watches.indices { watches[index].note(capture: path, of: id) }
    for index in resolved.indices where resolved[index].status.id == id { resolved[index].status.capture = path }
    revision += 1
  }

  /// Takes other rules. A rule that watches the same figures as one before goes on from its state, under the new
  /// thresholds; what fires under a rule that is gone clears at the next evaluation, so that nobody waits for it for ever.
  package mutating func reload(rules: [AlertRule], labels: [Label]? = nil) {
    var old = watches
    watches = rules.map { rule in
      guard let index = old.firstIndex(where: { $0.rule.watchesSame(as: rule) }) else { return RuleWatch(rule: rule) }
      var watch = old.remove(at: index)
      watch.adopt(rule)
      return watch
    }
    for watch in old { orphans += watch.firing.map { Orphan(rule: watch.rule, instance: $0) } }
    if let labels { self.labels = labels }
    revision += 1
  }

  private mutating func orphanEvents(at now: Instant, wallClock: Timestamp) -> [AlertEvent] {
    defer { orphans = [] }
    return orphans.map {
      .cleared(
        $0.instance.resolved(
          as: nil,
          rule: $0.rule,
          labels: labels,
          at: now,
          wallClock: wallClock,
          watched: false
        )
      )
    }
  }

  /// Resolved ones stay for an hour, and are bounded, so that a flapping rule does not fill the listing.
  private mutating func remember(_ events: [AlertEvent], at now: Instant) {
    for case .cleared(let status) in events { resolved.append(Resolved(status: status, at: now)) }
    resolved.removeAll { now - $0.at >= Self.resolvedFor }
    resolved.removeFirst(max(0, resolved.count - Self.resolvedLimit))
  }
}
