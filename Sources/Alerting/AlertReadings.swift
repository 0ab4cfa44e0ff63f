package import CloseDiagnosis
package import PacketDecoding
package import StateAccounting

/// Everything rules look at, at one moment.
package struct AlertReadings: Sendable {
  package var accounts: Accounts
  /// Whether anything was said to be local. If not, sides that need it have no figures.
  package var knowsLocal: Bool
  /// Packets that capture delivered, and those it lost, since start.
  package var captured: Int
  package var dropped: Int
  /// Why connections closed.
  package var causes: CauseReport
  /// What was found; asked for when an alert fires.
  package var findings: @Sendable () -> [Finding] = { [] }
  /// Ephemeral ports towards each destination; nil when the kernel's settings are not known, as for a file.
  package var ports: [PortReading]?
  /// TIME_WAITs in which the model and the kernel differ; nil when they were not compared.
  package var drift: Int?
  /// Entries in the connection table, and room for them; nil where there is no such limit.
  package var table: (used: Int, capacity: Int)?

  package init(
    accounts: Accounts,
    knowsLocal: Bool,
    captured: Int = 0,
    dropped: Int = 0,
    causes: CauseReport = CauseReport()
  ) {
    self.accounts = accounts
    self.knowsLocal = knowsLocal
    self.captured = captured
    self.dropped = dropped
    self.causes = causes
  }
}

/// The ports that one address of this host has in use towards one destination.
package struct PortReading: Sendable {
  package var destination: Endpoint
  package var usedPercent: Double
  /// Until none is left; nil when that will not come.
  package var exhaustion: Seconds?

  package init(destination: Endpoint, usedPercent: Double, exhaustion: Seconds?) {
    self.destination = destination
    self.usedPercent = usedPercent
    self.exhaustion = exhaustion
  }
}
