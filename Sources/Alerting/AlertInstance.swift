import PacketDecoding
import StateAccounting

/// One instance of a rule while it is pending or firing.
struct AlertInstance: Sendable {
  let subject: AlertSubject
  let id: String
  var phase: AlertPhase
  var value: Double
  var peak: Double
  /// When the value reached the threshold.
  let since: Timestamp
  private(set) var fired: (at: Instant, wallClock: Timestamp)?
  private var summary = ""
  private var evidence = AlertEvidence()

  init(subject: AlertSubject, rule: AlertRule, value: Double, since: Timestamp) {
    self.subject = subject
    self.id = Self.identifier(rule: rule, subject: subject, since: since)
    self.phase = .inactive
    self.value = value
    self.peak = value
    self.since = since
  }

  mutating func fire(rule: AlertRule, reader: MetricReader, at now: Instant, wallClock: Timestamp) {
    fired = (now, wallClock)
    evidence = AlertEvidence(for: subject, reader: reader)
    summary = AlertSummary(rule: rule, subject: subject).fired(
      value: value,
      evidence: evidence,
      service: evidence.services.first.flatMap { reader.account(of: $0.subject) }
    )
  }

  func status(rule: AlertRule, labels: [Label]) -> AlertStatus {
    let isFiring = fired != nil
    return AlertStatus(
      id: id,
      name: rule.name,
      state: isFiring ? .firing : .pending,
      severity: rule.severity,
      labels: labels + rule.labels + subject.labels,
      value: value,
      raise: rule.raise,
      clear: rule.clear,
      since: since,
      firedAt: fired?.wallClock,
      summary: isFiring ? summary : AlertSummary(rule: rule, subject: subject).pending(value: value),
      evidence: evidence,
      metric: rule.metric.rawValue,
      peak: peak
    )
  }

  /// The end of it. `watched` is false when the rule went away rather than the value.
  func resolved(rule: AlertRule, labels: [Label], at now: Instant, wallClock: Timestamp, watched: Bool) -> AlertStatus {
    let sentence = AlertSummary(rule: rule, subject: subject)
    let span = fired.map { now - $0.at } ?? .zero
    var status = status(rule: rule, labels: labels)
    status.state = .resolved
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
