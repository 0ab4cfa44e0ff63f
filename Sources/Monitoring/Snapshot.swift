package import Alerting
package import CloseDiagnosis
package import PacketDecoding
package import StateAccounting

/// Everything a reader may ask for without disturbing capture: copied out once per tick, and when asked.
package struct Snapshot: Sendable {
  /// Wall clock (packet time for a file, nil before its first packet) when it was taken.
  package var time: Timestamp?
  package var ingest = IngestCounters()
  /// Time of the first and the last packet.
  package var first: Timestamp?
  package var last: Timestamp?
  package var accounts = Accounts()
  package var causes = CauseReport()
  /// Requests answered, since start.
  package var exchanges = 0
  package var table = TableUsage()
  /// Pending, firing, and those resolved within the last hour.
  package var alerts: [AlertStatus] = []
  /// Whether anything was said to be local: otherwise local figures are absent.
  package var knowsLocal = false
  /// Local ends whose TIME_WAIT is over and which the kernel still has in its table, by number of the network namespace.
  package var overdueTimeWaits: [Int] = []
  /// Of the kernel whose ports they are; nil for a file.
  package var settings: KernelSettings?
  /// What the kernel has counted since the daemon started, by its own names.
  package var increases: [String: Int] = [:]
  /// Packets that live capture delivered and lost.
  package var captured = 0
  package var dropped = 0
  /// The figures are of chosen connections. What was no segment of a connection is not among them, and peaks are not
  /// known.
  package var isSelection = false
  /// Of a file.
  package var timeWaitSeries = TimeWaitSeries()

  package init(time: Timestamp?) {
    self.time = time
  }
}

/// What came in, since start.
package struct IngestCounters: Sendable {
  package var packets = 0
  package var tcpPackets = 0
  /// Segments seen before on another interface, by the number of the one where they came again.
  package var duplicates: [Int] = []
  /// Segments of the daemon's own connections, left out of everything.
  package var own = 0
  package var icmpErrors = 0
  /// Frames that gave no segment, by `DecodeError.reason`; only reasons that occurred.
  package var undecoded: [String: Int] = [:]
  /// Oddities by `Anomaly.name`; only those that occurred.
  package var anomalies: [String: Int] = [:]

  package init() {}

  package func duplicates(onInterface number: Int) -> Int {
    duplicates.indices.contains(number) ? duplicates[number] : 0
  }
}

/// How full the flow table is, and what it had to shed.
package struct TableUsage: Sendable {
  package var capacity = 0
  package var used = 0
  package var halfOpen = 0
  package var evicted = 0

  package init() {}
}
