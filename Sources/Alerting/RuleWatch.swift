import PacketDecoding

/// What all rules see at one evaluation.
struct Moment {
  let readings: AlertReadings
  let before: (readings: AlertReadings, elapsed: Seconds)?
  let labels: [Label]
  let at: Instant
  let wallClock: Timestamp
}

/// One rule and its instances that are pending or firing.
struct RuleWatch: Sendable {
  var rule: AlertRule
  private var instances: [AlertSubject: AlertInstance] = [:]

  init(rule: AlertRule) {
    self.rule = rule
  }

  var firing: [AlertInstance] { ordered.filter { $0.fired != nil } }

  func statuses(labels: [Label]) -> [AlertStatus] {
    ordered.map { $0.status(rule: rule, labels: labels) }
  }

  mutating func evaluate(_ moment: Moment) -> [AlertEvent] {
    let reader = MetricReader(metric: rule.metric, side: rule.side, now: moment.readings, before: moment.before)
    let values = reader.values(by: rule.by)
    admit(values ?? [:], since: moment.wallClock)
    return ordered.compactMap { instance in
      // A subject that readings leave out has none of it; without readings nothing is known of it.
      step(instance, value: values.map { $0[instance.subject] ?? 0 }, reader: reader, moment)
    }
  }

  /// Makes instances for what is over the threshold and has none, highest first, as far as there is room.
  private mutating func admit(_ values: [AlertSubject: Double], since: Timestamp) {
    let room = AlertEvaluator.instanceLimit - instances.count
    let candidates = values.filter { AlertLevel($0.value, rule: rule) == .high && instances[$0.key] == nil }
    let admitted =
      candidates.count <= room
      ? Array(candidates)
      : Array(candidates.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(room))
    for (subject, value) in admitted {
      instances[subject] = AlertInstance(subject: subject, rule: rule, value: value, since: since)
    }
  }

  private mutating func step(
    _ old: AlertInstance,
    value: Double?,
    reader: MetricReader,
    _ moment: Moment
  ) -> AlertEvent? {
    var instance = old
    instance.value = value ?? old.value
    instance.peak = max(old.peak, instance.value)
    instance.phase = old.phase.next(AlertLevel(value, rule: rule), at: moment.at, rule: rule)
    defer { instances[old.subject] = instance.phase == .inactive ? nil : instance }
    switch (old.phase.isFiring, instance.phase.isFiring) {
    case (false, true):
      instance.fire(rule: rule, reader: reader, at: moment.at, wallClock: moment.wallClock)
      return .fired(instance.status(rule: rule, labels: moment.labels))
    case (true, false):
      return .cleared(
        instance.resolved(
          rule: rule,
          labels: moment.labels,
          at: moment.at,
          wallClock: moment.wallClock,
          watched: true
        )
      )
    case (true, true), (false, false): return nil
    }
  }

  /// Highest value first, so that events and listings come in the same order each time.
  private var ordered: [AlertInstance] {
    instances.values.sorted { $0.value != $1.value ? $0.value > $1.value : $0.subject < $1.subject }
  }
}
