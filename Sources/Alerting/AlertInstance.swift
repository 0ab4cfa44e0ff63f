import PacketDecoding
import StateAccounting

/// One instance of a rule while it is pending or firing.
struct AlertInstance: Sendable {
  let subject: AlertSubject
  let id: String
  /// One for each level of the rule.
  private(set) var phases: [AlertPhase]
  /// As they were at the last look: of a baseline rule they move.
  private(set) var thresholds: [AlertThreshold]
  var value: Double
  var peak: Double
  /// When the value reached the threshold.
  let since: Timestamp
  var fired: (at: Instant, wallClock: Timestamp)?
  var summary = ""
  var evidence = AlertEvidence()
  /// The capture file that was written when it fired.
  var capture: String?

  init(subject: AlertSubject, rule: AlertRule, thresholds: [AlertThreshold], value: Double, since: Timestamp) {
    self.init(
      subject: subject,
      id: Self.identifier(rule: rule, subject: subject, since: since),
      phases: thresholds.map { _ in .inactive },
      thresholds: thresholds,
      value: value,
      since: since
    )
  }

  init(
    subject: AlertSubject,
    id: String,
    phases: [AlertPhase],
    thresholds: [AlertThreshold],
    value: Double,
    since: Timestamp
  ) {
    self.subject = subject
    self.id = id
    self.phases = phases
    self.thresholds = thresholds
    self.value = value
    self.peak = value
    self.since = since
  }

  /// Under other levels than before, each stands where the one of its severity stood; a new one begins.
  mutating func adopt(_ levels: [AlertThreshold]) {
    let old = Dictionary(zip(thresholds.map(\.severity), phases)) { first, _ in first }
    let wasFiring = isFiring
    phases = levels.map { old[$0.severity] ?? .inactive }
    // What fires goes on, though its level is gone: as the mildest there is.
    if wasFiring, !isFiring, !phases.isEmpty { phases[0] = .firing(below: nil) }
    thresholds = levels
  }

  mutating func advance(
    _ value: Double?,
    _ thresholds: [AlertThreshold],
    _ rule: AlertRule,
    at now: Instant,
    mayFire: Bool
  ) {
    if let value {
      self.value = value
      peak = rule.direction.worse(peak, value)
    }
    self.thresholds = thresholds
    for index in phases.indices where index < thresholds.count {
      let level = AlertLevel(value, thresholds[index], rule.direction)
      phases[index] = phases[index].next(level, at: now, thresholds[index], mayFire: mayFire || isFiring)
    }
  }

  var isFiring: Bool { phases.contains(where: \.isFiring) }
  var isInactive: Bool { phases.allSatisfy { $0 == .inactive } }
  /// The worst level that fires.
  private var firingIndex: Int? { phases.lastIndex(where: \.isFiring) }
  var severity: Severity? { firingIndex.map { thresholds[$0].severity } }

  func status(rule: AlertRule, labels: [Label]) -> AlertStatus {
    let isFiring = fired != nil
    let pendingIndex = phases.lastIndex { $0 != .inactive }
    let shown = thresholds[firingIndex ?? pendingIndex ?? 0]
    var status = AlertStatus(
      id: id,
      name: rule.name,
      state: isFiring ? .firing : .pending,
      severity: shown.severity,
      labels: labels + rule.labels + subject.labels,
      value: value,
      raise: shown.raise,
      clear: shown.clear,
      since: since,
      firedAt: fired?.wallClock,
      summary: summary,
      evidence: evidence,
      metric: rule.metric.rawValue,
      peak: peak
    )
    if !isFiring { status.summary = AlertSummary(rule: rule, subject: subject, shown).pending(value: value) }
    status.subject = subject
    status.capture = capture
    return status
  }

  /// The end of it. `watched` is false when the rule went away rather than the value.
  func resolved(
    as severity: Severity?,
    rule: AlertRule,
    labels: [Label],
    at now: Instant,
    wallClock: Timestamp,
    watched: Bool
  ) -> AlertStatus {
    let sentence = AlertSummary(rule: rule, subject: subject, thresholds[0])
    let span = fired.map { now - $0.at } ?? .zero
    var status = status(rule: rule, labels: labels)
    status.state = .resolved
    status.severity = severity ?? status.severity
    status.resolvedAt = wallClock
    status.summary =
      watched
      ? sentence.cleared(value: value, peak: peak, after: span)
      : sentence.removed(value: value, peak: peak, after: span)
    return status
  }

  /// The same from pending to resolved, and after a restart that sees the same file: FNV-1a over what sets it apart.
  private static func identifier(rule: AlertRule, subject: AlertSubject, since: Timestamp) -> String {
    let labels = (rule.labels + subject.labels).map { "\($0.name)=\($0.value)" }
    let text = ([rule.name] + labels + [String(since.nanoseconds)]).joined(separator: "\n")
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String((hash ^ hash >> 48) & 0xFFFF_FFFF_FFFF, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}

extension AlertRule {
  var labels: [Label] {
    [Label(name: "metric", value: metric.rawValue), Label(name: "side", value: side.rawValue)]
  }
}
