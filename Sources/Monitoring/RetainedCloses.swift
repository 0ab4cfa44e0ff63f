internal import ConnectionTracking
internal import PacketDecoding

/// Connections that ended, in the order of their end: the newest up to a limit, in a ring that grows to it, so that no
/// more memory is held, not even for a moment.
struct RetainedCloses: Sendable {
  private struct Entry: Sendable {
    var connection: ConnectionView
    var at: Instant
  }

  private let limit: Int
  private var places: [Entry?] = []
  private var first = 0
  private(set) var count = 0
  /// How many there were before the first.
  private var forgotten = 0

  /// - Parameter limit: at least 1.
  init(limit: Int) {
    self.limit = max(limit, 1)
  }

  /// Numbers of those that are kept: each has its own as long as the daemon runs.
  var numbers: Range<Int> { forgotten..<(forgotten + count) }

  /// - Returns: the one that had to make way.
  mutating func add(_ connection: ConnectionView, at now: Instant) -> ConnectionView? {
    let oldest = count >= limit ? removeFirst() : nil
    if count == places.count { grow() }
    places[(first + count) % places.count] = Entry(connection: connection, at: now)
    count += 1
    return oldest
  }

  /// When the oldest ended; nil without one.
  var oldest: Instant? { count > 0 ? places[first]?.at : nil }

  mutating func removeFirst() -> ConnectionView? {
    guard count > 0, let entry = places[first] else { return nil }
    first = (first + 1) % places.count
    count -= 1
    forgotten += 1
    return entry.connection
  }

  func connection(_ number: Int) -> ConnectionView? {
    guard numbers.contains(number) else { return nil }
    return places[(first + number - forgotten) % places.count]?.connection
  }

  mutating func takeAll() -> [ConnectionView] {
    let all = numbers.compactMap { connection($0) }
    forgotten += count
    (first, count) = (0, 0)
    return all
  }

  private mutating func grow() {
    var larger: [Entry?] = []
    let size = min(limit, max(2 * places.count, 64))
    larger.reserveCapacity(size)
    for offset in 0..<count { larger.append(places[(first + offset) % places.count]) }
    for _ in count..<size { larger.append(nil) }
    (places, first) = (larger, 0)
  }
}
