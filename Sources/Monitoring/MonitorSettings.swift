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

extension MonitorSettings {
  /// At once, of a file. The table grows as connections come; beyond it the oldest are shed, and counted as such.
  private static let capacityForFiles = 1 << 24
  /// More than of a daemon: a flood in a file may be faster than the answers to those that are none of it.
  private static let unansweredOfFiles = 7 << 17

  /// For capture files: they are read to their end whatever is in them, nobody waits, and memory is given back.
  package init(forFilesWith retention: ClosedRetention) {
    tracker = TrackerSettings(capacity: Self.capacityForFiles)
    tracker.unansweredCapacity = Self.unansweredOfFiles
    tracker.remembersHeads = true
    self.retention = retention
    surveysAtTicks = false
    keepsSeries = true
  }
}
