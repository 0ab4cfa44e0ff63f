package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
package import StateAccounting

/// What stood behind the value when the rule fired.
package struct AlertEvidence: Sendable, Codable {
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
  /// Who holds the end of this host of the first service.
  package var owner: String?
  /// Exchanges per connection of the first service; nil where none could be counted.
  package var exchangesPerConnection: Double?
  /// The value before it fired, oldest first.
  package var trend: [TrendPoint] = []
  /// Connections of those that count, the newest first.
  package var samples: [AlertSample] = []
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

/// One connection of those that an alert is about.
package struct AlertSample: Sendable, Equatable, Codable {
  package var client: Endpoint
  package var server: Endpoint
  package var clientPhase: Phase
  package var serverPhase: Phase
  /// nil for one that was there before the daemon.
  package var start: Timestamp?
  package var closedFirst: ClosedFirst

  package init(
    client: Endpoint,
    server: Endpoint,
    clientPhase: Phase,
    serverPhase: Phase,
    start: Timestamp?,
    closedFirst: ClosedFirst
  ) {
    self.client = client
    self.server = server
    self.clientPhase = clientPhase
    self.serverPhase = serverPhase
    self.start = start
    self.closedFirst = closedFirst
  }
}

extension AlertEvidence.Share: Codable where Subject: Codable {}
