internal import PacketDecoding

/// When the kernel's table of sockets is to be read, and its counters.
struct ReadingSchedule {
  private var nextReading: Instant
  private var nextWanted: Instant
  private(set) var nextCount: Instant
  private var overflows: Int?
  private var isOverflowing = false

  /// A reading rests for so many times what it took: on a host with a million sockets they are further apart.
  private static let restPerCost: Int64 = 50
  private static let countInterval = Seconds(1)

  init(now: Instant, interval: Seconds) {
    nextReading = now + interval
    nextWanted = now
    nextCount = now + Self.countInterval
  }

  /// - Parameter isWanted: somebody does not want to wait for the interval.
  func next(isWanted: Bool) -> Instant {
    let next = min(nextReading, nextCount)
    return isWanted ? min(nextWanted, next) : next
  }

  func isDue(at now: Instant, isWanted: Bool) -> Bool {
    now >= nextReading || now >= nextWanted && (isWanted || isOverflowing)
  }

  /// - Parameter count: while it grows, TIME_WAITs end that no packet tells of, and the table is small.
  mutating func counted(at now: Instant, overflows count: Int) {
    nextCount = now + Self.countInterval
    isOverflowing = count > overflows ?? count
    overflows = count
  }

  /// - Parameter cost: time of a processor. That nobody took what was read, or others had the processors, costs nobody
  ///   anything: then above all a reading may be wanted.
  mutating func read(at now: Instant, cost: Seconds, interval: Seconds) {
    let rest = Seconds(nanoseconds: cost.nanoseconds &* Self.restPerCost)
    nextWanted = now + rest
    nextReading = now + max(rest, interval)
    isOverflowing = false
  }
}
