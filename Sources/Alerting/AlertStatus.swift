package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
package import StateAccounting

/// One instance of a rule, as a reader sees it: the rule and the thing (host, service, peer) it was raised for.
package struct AlertStatus: Sendable {
  package enum State: String, Sendable, CaseIterable {
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

package struct Label: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

package enum Severity: String, Sendable, CaseIterable {
  case info
  case warning
  case critical
}

/// What stood behind the value when the rule fired.
package struct AlertEvidence: Sendable {
  /// Services that contribute, most first.
  package var services: [Share<Endpoint>] = []
  /// Client addresses that contribute, most first: those of the first service.
  package var peers: [Share<IPAddress>] = []
  /// Closed connections of the first service, by who closed first.
  package var closedFirst = Counts<ClosedFirst>()
  /// The same connections by why they closed, as far as that is decided.
  package var causes = CauseCounts()

  /// Units and containers that hold the ends, most first; only of ends of this host.
  package var owners: [Share<String>] = []

  /// What was found of the first service, and of the host when the alert is about it; the worst first.
  package var findings: [Finding] = []

  package init() {}

  package struct Share<Subject: Sendable>: Sendable {
    package var subject: Subject
    package var count: Int

    package init(subject: Subject, count: Int) {
      self.subject = subject
      self.count = count
    }
  }
}
