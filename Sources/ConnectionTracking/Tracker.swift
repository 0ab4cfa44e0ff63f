internal import PacketDecoding

/// All connections and what time does to them. Time is an argument: live capture, a file and a test are one path.
package struct Tracker: ~Copyable {
  package var settings: TrackerSettings
  package internal(set) var anomalies = AnomalyCounts()
  /// Segments that were seen on another interface before, by the number of the one where they came again.
  package internal(set) var duplicates = [Int](repeating: 0, count: Int(UInt8.max) + 1)
  package internal(set) var evicted = 0
  /// Requests answered.
  package internal(set) var exchanges = 0
  package var table: FlowTable
  var queues = DeadlineQueues()
  /// Connections whose server has not answered yet.
  var unansweredCount = 0
  var kernelTimers = DeadlineHeap()
  var heads: HeadsInProgress
  /// Of the next new connection.
  package internal(set) var nextSerial: UInt64 = 1
  /// Local ends that went to FIN_WAIT_2: only the kernel knows which of them a process still holds.
  var halfClosed: [SocketName] = []
  /// Local ends whose owner is to be found out.
  var unowned: [UnownedEnd] = []
  /// Local ends of new connections that may be others', on a host that forwards.
  var unconfirmed: [UnconfirmedEnd] = []
  var custodies = Custodies()
  /// Off unless somebody wants to see the segments of single connections.
  var log = SegmentLog(limit: 0)
  /// Of the segments that were expected last.
  var openings = ExpectedOpenings()
  /// A SYN took the place of another, so that others may be taken some at once.
  var isFlooded = false
  /// Those that are taken at once; between calls it means nothing. (Where it is needed it would be made anew each time.)
  var flood = FloodRequest.Run(repeating: .none)
  /// No deadline is due before this moment.
  var nextDeadline = Instant(nanoseconds: .max)

  package init(settings: TrackerSettings) {
    self.settings = settings
    table = FlowTable(capacity: settings.capacity)
    heads = HeadsInProgress(remembersHeads: settings.remembersHeads)
  }

  package var halfOpenCount: Int { queues[.halfOpen].count + queues[.answered].count }
  package var trackedCount: Int { table.count }

  /// Of the capture files so much has been read: as many connections as by now may come with each other part.
  package mutating func haveRead(_ fraction: Double) {
    guard fraction > 0 else { return }
    table.memory.index.expect(Int(min(Double(table.count) / fraction, Double(Int32.max))))
  }

  package mutating func noteTimeJump() { anomalies[.timeJump] += 1 }
}
