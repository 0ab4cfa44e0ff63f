package import PacketDecoding

/// One instance of a rule, as a reader sees it: the rule and the thing (host, service, peer) it was raised for.
package struct AlertStatus: Sendable, Codable {
  package enum State: String, Sendable, CaseIterable, Codable {
    case pending
    case firing
    case resolved
  }

  /// Stable for one instance from pending to resolved.
  package var id: String
  package var name: String
  package var state: State
  package var severity: Severity
  /// In a stable order: those of the host, of the rule (metric, side), of the instance (service or peer).
  package var labels: [Label]
  package var value: Double
  package var raise: Double
  package var clear: Double
  /// Since when the value has been over the threshold.
  package var since: Timestamp
  package var firedAt: Timestamp?
  package var resolvedAt: Timestamp?
  /// One sentence for 3 a.m.: what crossed, where, who closes first in what share, top peers.
  package var summary: String
  package var evidence: AlertEvidence
  /// What the rule counts, by the name it has in the configuration.
  package var metric: String
  /// The highest value since then; nil where nobody kept it.
  package var peak: Double?
  package var subject = AlertSubject.host
  /// The capture file that was written when it fired.
  package var capture: String?
  /// The silence that keeps it from being delivered.
  package var silencedBy: String?

  package init(
    id: String,
    name: String,
    state: State,
    severity: Severity,
    labels: [Label],
    value: Double,
    raise: Double,
    clear: Double,
    since: Timestamp,
    firedAt: Timestamp? = nil,
    resolvedAt: Timestamp? = nil,
    summary: String = "",
    evidence: AlertEvidence = AlertEvidence(),
    metric: String = "",
    peak: Double? = nil
  ) {
    self.id = id
    self.name = name
    self.state = state
    self.severity = severity
    self.labels = labels
    self.value = value
    self.raise = raise
    self.clear = clear
    self.since = since
    self.firedAt = firedAt
    self.resolvedAt = resolvedAt
    self.summary = summary
    self.evidence = evidence
    self.metric = metric
    self.peak = peak
  }
}

package struct Label: Sendable, Equatable, Codable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

package enum Severity: String, Sendable, CaseIterable, Comparable, Codable {
  case info
  case warning
  case critical

  package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .info: 0
    case .warning: 1
    case .critical: 2
    }
  }
}
