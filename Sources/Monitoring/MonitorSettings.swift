package import ConnectionTracking
package import StateAccounting

/// What a monitor is told at start.
package struct MonitorSettings: Sendable {
  package var tracker: TrackerSettings
  package var retention: ClosedRetention
  package var accounts = Ledger.Limits()
  /// So many closes wait for others at most, until it is decided why.
  package var awaitedCauses = 65_536
  /// Ends that wait too long are looked for at each tick; otherwise at the end of a file.
  package var surveysAtTicks = true
  /// So many segments that opened, moved or closed connections are remembered; 0 for none.
  package var segmentLog = 0
  /// TIME_WAIT over time is wanted.
  package var keepsSeries = false
  /// How many octets of each segment's payload may be looked at.
  package var payloadLimit = Int.max
  /// Octets for the headers of the last packets; 0 for none.
  package var recorderSize = 0
  package var recorderSeed: UInt64 = 0
  /// How many octets of payload are recorded with the headers.
  package var recordedPayload = 0

  package init(tracker: TrackerSettings, retention: ClosedRetention) {
    self.tracker = tracker
    self.retention = retention
  }
}
