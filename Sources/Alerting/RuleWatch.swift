import PacketDecoding

/// What all rules see at one evaluation.
struct Moment {
  let readings: AlertReadings
  /// Some seconds older, for what contributed to counted figures.
  let before: AlertReadings?
  let labels: [Label]
  let at: Instant
  let wallClock: Timestamp
  /// Connections that show what an alert is about.
  let examples: (AlertRule, AlertSubject) -> AlertExamples
}

/// One rule and its instances that are pending or firing.
struct RuleWatch: Sendable {
  private(set) var rule: AlertRule
  private var instances: [AlertSubject: AlertInstance] = [:]
  private var window = TallyWindow()
  private var recent = ValueHistory(step: Seconds(10), capacity: 30)
  private var usual: ValueHistory?
  /// When instances fired, as long as `min_interval` asks for it.
  private(set) var lastFired: [AlertSubject: Instant] = [:]
  private var hasChanged = false

  init(rule: AlertRule) {
    self.rule = rule
    usual = Self.history(for: rule)
  }

  private static func history(for rule: AlertRule) -> ValueHistory? {
    rule.baseline.map { ValueHistory(step: Seconds(nanoseconds: $0.over.nanoseconds / 60), capacity: 60) }
  }

  /// Goes on under other thresholds.
  mutating func adopt(_ new: AlertRule) {
    if new.baseline?.over != rule.baseline?.over { usual = Self.history(for: new) }
    if new.window != rule.window { window = TallyWindow() }
    if new.levels != rule.levels {
      for subject in instances.keys { instances[subject]?.adopt(new.levels) }
    }
    rule = new
  }

  var firing: [AlertInstance] { ordered.filter { $0.fired != nil } }

  func statuses(labels: [Label]) -> [AlertStatus] {
    ordered.map { $0.status(rule: rule, labels: labels) }
  }

  mutating func evaluate(_ moment: Moment) -> [AlertEvent] {
    let reader = MetricReader(rule: rule, now: moment.readings, before: moment.before)
    let values = values(reader, at: moment.at)
    if let values {
      admit(values, since: moment.wallClock)
      recent.add(values, worstFirst: rule.direction, at: moment.at)
      usual?.add(values, worstFirst: rule.direction, at: moment.at)
    }
    if !lastFired.isEmpty { lastFired = lastFired.filter { moment.at - $0.value < rule.minInterval } }
    return ordered.compactMap { instance in
      // A subject that readings leave out has none of it; without readings nothing is known of it.
      step(instance, value: values.map { $0[instance.subject] ?? rule.absentValue }, reader, moment)
    }
  }

  private mutating func values(_ reader: MetricReader, at now: Instant) -> [AlertSubject: Double]? {
    guard reader.isCounted else { return reader.gauges(by: rule.by) }
    guard let tallies = reader.tallies(by: rule.by) else { return nil }
    window.forget(before: rule.window, at: now)
    let growth = window.growth(of: tallies, isComplete: rule.by != .peer, at: now)
    window.add(tallies, over: rule.window, at: now)
    return growth?.compactMapValues { rule.value($0.tally, over: $0.over) }
  }

  private func thresholds(for subject: AlertSubject) -> [AlertThreshold]? {
    guard let baseline = rule.baseline, let usual else { return rule.levels }
    return usual.median(of: subject).map { median in
      rule.levels.map { level in
        var level = level
        let share = level.raise > 0 ? level.clear / level.raise : 1
        level.raise = max(baseline.floor, level.raise * median)
        level.clear = level.raise * share
        return level
      }
    }
  }

  /// Makes instances for what is beyond a threshold and has none, the worst first, as far as there is room.
  private mutating func admit(_ values: [AlertSubject: Double], since: Timestamp) {
    let candidates = values.filter { subject, value in
      instances[subject] == nil
        && thresholds(for: subject)?.contains { AlertLevel(value, $0, rule.direction) == .high } ?? false
    }
    let room = AlertEvaluator.instanceLimit - instances.count
    for (subject, value) in candidates.sorted(by: { isWorse(($0.key, $0.value), ($1.key, $1.value)) }).prefix(
      max(room, 0)
    ) {
      instances[subject] = AlertInstance(
        subject: subject,
        rule: rule,
        thresholds: thresholds(for: subject) ?? rule.levels,
        value: value,
        since: since
      )
    }
  }

  private mutating func step(
    _ old: AlertInstance,
    value: Double?,
    _ reader: MetricReader,
    _ moment: Moment
  ) -> AlertEvent? {
    var instance = old
    let known = thresholds(for: old.subject)
    instance.advance(
      known == nil ? nil : value,
      known ?? old.thresholds,
      rule,
      at: moment.at,
      mayFire: lastFired[old.subject] == nil
    )
    defer { instances[old.subject] = instance.isInactive ? nil : instance }
    if instance.phases != old.phases { hasChanged = true }
    switch (old.severity, instance.severity) {
    case (nil, .some): return fire(&instance, reader, moment)
    case (.some(let before), .some(let now)) where before != now:
      if now > before { describe(&instance, reader, moment) }
      return .changed(instance.status(rule: rule, labels: moment.labels), from: before)
    case (.some(let before), nil):
      return .cleared(
        instance.resolved(
          as: before,
          rule: rule,
          labels: moment.labels,
          at: moment.at,
          wallClock: moment.wallClock,
          watched: true
        )
      )
    case (.some, .some), (nil, nil): return nil
    }
  }

  private mutating func fire(_ instance: inout AlertInstance, _ reader: MetricReader, _ moment: Moment) -> AlertEvent {
    instance.fired = (moment.at, moment.wallClock)
    if rule.minInterval > .zero { lastFired[instance.subject] = moment.at }
    describe(&instance, reader, moment)
    return .fired(instance.status(rule: rule, labels: moment.labels))
  }

  private func describe(_ instance: inout AlertInstance, _ reader: MetricReader, _ moment: Moment) {
    let examples = moment.examples(rule, instance.subject)
    var evidence = AlertEvidence(for: instance.subject, reader: reader, examples: examples)
    evidence.trend = recent.trend(of: instance.subject, at: moment.at)
    let shown = instance.status(rule: rule, labels: []).severity
    let threshold = instance.thresholds.first { $0.severity == shown } ?? rule.levels[0]
    instance.evidence = evidence
    instance.summary = AlertSummary(rule: rule, subject: instance.subject, threshold).fired(
      value: instance.value,
      evidence: evidence,
      service: evidence.services.first.flatMap { reader.account(of: $0.subject) }
    )
  }

  /// The worst value first, so that events and listings come in the same order each time.
  private var ordered: [AlertInstance] {
    instances.values.sorted { isWorse(($0.subject, $0.value), ($1.subject, $1.value)) }
  }

  private func isWorse(_ a: (AlertSubject, Double), _ b: (AlertSubject, Double)) -> Bool {
    guard a.1 != b.1 else { return a.0 < b.0 }
    return rule.direction == .above ? a.1 > b.1 : a.1 < b.1
  }
}

extension RuleWatch {
  /// Of an earlier run of the daemon: goes on from there.
  mutating func restore(_ instance: AlertInstance) { instances[instance.subject] = instance }
  mutating func restore(lastFired moment: Instant, of subject: AlertSubject) { lastFired[subject] = moment }
  var all: [AlertInstance] { ordered }

  mutating func note(capture path: String, of id: String) {
    for subject in instances.keys where instances[subject]?.id == id { instances[subject]?.capture = path }
  }

  /// Whether something is to be saved that was not at the last call.
  mutating func takeChange() -> Bool {
    defer { hasChanged = false }
    return hasChanged
  }
}

extension AlertRule {
  /// What a subject has that is not among the readings.
  var absentValue: Double {
    switch metric.definition.source {
    case .ends, .rate, .events: 0
    case .share, .ports, .modelDrift, .tableUsed: direction == .above ? 0 : .infinity
    }
  }

  /// What counts over a window come to.
  fileprivate func value(_ tally: Tally, over span: Seconds) -> Double? {
    switch metric.definition.source {
    case .rate: span > .zero ? Double(tally.part) / span.value : nil
    case .events: Double(tally.part)
    case .share: tally.whole >= max(atLeast, 1) ? 100 * Double(tally.part) / Double(tally.whole) : absentValue
    case .ends, .ports, .modelDrift, .tableUsed: nil
    }
  }
}
