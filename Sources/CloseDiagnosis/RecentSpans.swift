internal import PacketDecoding

/// The newest of many durations, 64 at most, in order of size: what most of them have in common is asked for far more
/// often than one is added.
struct RecentSpans: Sendable {
  private var newest = Recent<Seconds>()
  private var sorted: [Seconds] = []

  var count: Int { sorted.count }

  mutating func add(_ span: Seconds) {
    if let replaced = newest.add(span) {
      sorted.remove(at: lowest(notBelow: replaced))
    }
    sorted.insert(span, at: lowest(notBelow: span))
  }

  /// How many lie no further than `spread` from `value`.
  func count(near value: Seconds, within spread: Seconds) -> Int {
    range(near: value, within: spread).count
  }

  /// How many lie within what one time-out spreads over: 1 s, or 2 % (REFERENCE's rule).
  func neighbours(of value: Seconds) -> Int {
    count(near: value, within: Self.spread(of: value))
  }

  /// Whether more than half are like it.
  func isCommon(_ value: Seconds, within spread: Seconds) -> Bool {
    count(near: value, within: spread) * 2 > count
  }

  /// Three or more that are the same but for scheduling: one time-out that ran out on several connections.
  func areAlike(_ value: Seconds) -> Bool {
    let spread = Swift.max(Seconds(nanoseconds: 100_000_000), Seconds(nanoseconds: value.nanoseconds / 100))
    return count(near: value, within: spread) >= 3
  }

  /// The one that most have in common: at least five, within 1 s or 2 % of each other.
  var mode: IdleTimeout? {
    var (low, high) = (0, 0)
    var best = 0..<0
    for value in sorted {
      let spread = Self.spread(of: value)
      while value - sorted[low] > spread { low += 1 }
      while high < sorted.count, sorted[high] - value <= spread { high += 1 }
      if high - low > best.count { best = low..<high }
    }
    guard best.count >= 5 else { return nil }
    return IdleTimeout(value: sorted[best.lowerBound + best.count / 2], samples: best.count)
  }

  private static func spread(of value: Seconds) -> Seconds {
    Swift.max(Seconds(nanoseconds: 500_000_000), Seconds(nanoseconds: value.nanoseconds / 100))
  }

  private func range(near value: Seconds, within spread: Seconds) -> Range<Int> {
    let low = lowest(notBelow: value - spread)
    return low..<Swift.max(low, lowest(notBelow: Seconds(nanoseconds: value.nanoseconds &+ spread.nanoseconds &+ 1)))
  }

  /// Where the first stands that is not below `span`; the end if none is.
  private func lowest(notBelow span: Seconds) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < span { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
