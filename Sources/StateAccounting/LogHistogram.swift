/// How often values of a size occurred: exact below 2^(subBits+1), above that within a 2^subBits-th. Bounded, and
/// shared with its copies until the next change.
package struct LogHistogram: Sendable, Equatable {
  private var counts: [UInt32] = []
  package private(set) var count = 0
  private var total: UInt64 = 0
  private var least = UInt64.max
  private var greatest: UInt64 = 0

  private let subBits: Int

  package init(subBits: Int = 3) {
    self.subBits = min(max(subBits, 0), 8)
  }

  /// - Parameter times: how often it occurred.
  @inline(__always)
  package mutating func add(_ value: UInt64, times: Int = 1) {
    let index = index(value)
    if index >= counts.count { grow(to: index) }
    counts[index] &+= UInt32(truncatingIfNeeded: times)
    count &+= times
    total &+= value &* UInt64(truncatingIfNeeded: times)
    // Seldom: a question costs less than to write them each time.
    if value < least { least = value }
    if value > greatest { greatest = value }
  }

  @inline(never)
  private mutating func grow(to index: Int) {
    counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count))
  }

  package var sum: Double { Double(total) }

  package var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// The value that `share` of all do not exceed: the middle of its bucket, within what was seen.
  package func quantile(_ share: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, amount) in counts.enumerated() {
      seen += Int(amount)
      if seen >= rank { return min(max(middle(index), Double(least)), Double(greatest)) }
    }
    return Double(greatest)
  }

  private static let largest: UInt64 = 1 << 40

  @inline(__always)
  private func index(_ value: UInt64) -> Int {
    let value = min(value, Self.largest)
    // 0 for those that are exact: at least so many bits are looked at.
    let bits = UInt64.bitWidth &- (value | 1 &<< UInt64(truncatingIfNeeded: subBits)).leadingZeroBitCount
    let exponent = bits &- subBits &- 1
    return exponent &<< subBits &+ Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: exponent))
  }

  private func middle(_ index: Int) -> Double {
    let exponent = max(0, index >> subBits - 1)
    let low = Double((index - exponent << subBits) << exponent)
    return low + Double(1 << exponent - 1) / 2
  }
}

/// Counts of values up to fixed bounds, as Prometheus wants them.
package struct BoundedHistogram: Sendable {
  /// 15 at most.
  package let bounds: [UInt64]
  private var cells = InlineArray<16, Int>(repeating: 0)
  package private(set) var sum: UInt64 = 0

  package init(bounds: [UInt64]) {
    precondition(bounds.count < cells.count, "more bounds than there is room for")
    self.bounds = bounds
  }

  /// How many values are in each bound and above the one before; the last has no bound.
  package var counts: [Int] { (0...bounds.count).map { cells[$0] } }

  /// - Parameter times: how often it occurred.
  @inline(__always)
  package mutating func add(_ value: UInt64, times: Int = 1) {
    cells[(bounds.firstIndex { value <= $0 } ?? bounds.count) & 15] &+= times
    sum &+= value &* UInt64(truncatingIfNeeded: times)
  }

  /// - Parameter other: with the same bounds.
  package mutating func add(_ other: BoundedHistogram) {
    for index in cells.indices { cells[index] += other.cells[index] }
    sum &+= other.sum
  }
}
