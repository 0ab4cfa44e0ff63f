internal import Glibc
internal import PacketDecoding
internal import Synchronization

/// How long a thread may wait for others: until it is told that time is up.
final class Patience: Sendable {
  private let end = Atomic(Int64.max)

  /// What does not move for so long is stuck.
  static let longestStandstill = Seconds(5)
  private static let slice: Int64 = 100_000_000

  var isOver: Bool { Self.now >= end.load(ordering: .relaxed) }

  func end(after span: Seconds) {
    end.store(Self.now &+ span.nanoseconds, ordering: .relaxed)
  }

  /// Waits until a descriptor is ready, or has failed; false when that does not come in time.
  func wait(for descriptor: Int32, _ events: Int32, within span: Seconds = longestStandstill) -> Bool {
    let limit = Self.now &+ span.nanoseconds
    while true {
      let left = min(limit, end.load(ordering: .relaxed)) &- Self.now
      guard left > 0 else { return false }
      var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let milliseconds = Int32(clamping: min(left, Self.slice) / 1_000_000 + 1)
      if unsafe poll(&request, 1, milliseconds) == 1 { return true }
    }
  }

  static var now: Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  static var wallClock: Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}

/// When to try again: twice as long each time, half a minute at most.
struct BackOff {
  private var failures = 0
  private var earliest: Int64 = 0

  private static let first: Int64 = 500_000_000
  private static let longest: Int64 = 30_000_000_000

  var isOver: Bool { Patience.now >= earliest }

  mutating func fail() {
    earliest = Patience.now &+ Self.pause(after: failures)
    failures += 1
  }

  mutating func succeed() { self = BackOff() }

  static func pause(after failures: Int) -> Int64 { min(first << Int64(min(failures, 10)), longest) }
}
