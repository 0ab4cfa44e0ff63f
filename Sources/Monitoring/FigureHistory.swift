internal import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// The figures of one moment, or the highest of one minute.
package struct FigureSample: Sendable, Equatable {
  package var time: Timestamp
  /// Ends in TIME_WAIT by where they live, and by role.
  package var local = 0
  package var remote = 0
  package var transit = 0
  package var client = 0
  package var server = 0
  package var open = 0
  /// Since start.
  package var connections = 0

  package init(time: Timestamp) {
    self.time = time
  }

  init(_ snapshot: Snapshot, at time: Timestamp) {
    self.time = time
    let accounts = snapshot.accounts
    local = accounts.local[.timeWait]
    remote = accounts.remote[.timeWait]
    transit = accounts.transit[.timeWait]
    client = accounts.client[.timeWait]
    server = accounts.server[.timeWait]
    open = accounts.open
    connections = accounts.connections
  }

  /// A short pile must not vanish from a long view.
  fileprivate mutating func raise(to other: FigureSample) {
    for figure in [\Self.local, \.remote, \.transit, \.client, \.server, \.open, \.connections] {
      self[keyPath: figure] = max(self[keyPath: figure], other[keyPath: figure])
    }
  }
}

/// What was, in memory: each second of the last minutes, and the highest of each minute of the last day.
package struct FigureHistory: Sendable {
  package private(set) var seconds: [FigureSample] = []
  package private(set) var minutes: [FigureSample] = []

  package static let keptSeconds = 900
  package static let keptMinutes = 1440
  private static let minute: Int64 = 60_000_000_000

  package init() {}

  /// - Parameter snapshot: without a time there is nothing to keep.
  package mutating func add(_ snapshot: Snapshot) {
    if let time = snapshot.time { add(FigureSample(snapshot, at: time)) }
  }

  package mutating func add(_ sample: FigureSample) {
    if seconds.count >= Self.keptSeconds { seconds.removeFirst() }
    seconds.append(sample)
    if let last = minutes.last, last.time.nanoseconds / Self.minute == sample.time.nanoseconds / Self.minute {
      minutes[minutes.count - 1].raise(to: sample)
    } else {
      if minutes.count >= Self.keptMinutes { minutes.removeFirst() }
      minutes.append(sample)
    }
  }

  /// Those of the last `span` before the newest, each second or, where that is no longer known, each minute.
  package func samples(of span: Seconds) -> (step: Int, samples: [FigureSample]) {
    let isShort = span <= Seconds(Int64(Self.keptSeconds))
    let all = isShort ? seconds : minutes
    guard let newest = all.last else { return (isShort ? 1 : 60, []) }
    let oldest = newest.time.nanoseconds &- span.nanoseconds
    return (isShort ? 1 : 60, Array(all.drop { $0.time.nanoseconds < oldest }))
  }
}
