internal import PacketDecoding

/// What was not seen of one end's stream although it is behind its newest octet: at most two ranges, oldest first.
///
/// A burst of losses leaves more; then the second stands for all that follow, with what did arrive in between. What is
/// still missing of such a range when it is acknowledged proves nothing, and is no gap.
struct MissingRanges: Sendable, BitwiseCopyable {
  private var first = Range()
  private var second = Range()
  /// The second range holds octets that were seen.
  private var secondIsCoarse = false
  private var firstIsCoarse = false

  private struct Range: BitwiseCopyable {
    var start = SequenceNumber(0)
    var end = SequenceNumber(0)

    var isEmpty: Bool { start == end }
    func overlaps(_ other: Range) -> Bool { start.precedes(other.end) && other.start.precedes(end) }
  }

  var isEmpty: Bool { first.isEmpty }

  /// Adds what lies between the newest octet so far and `end`.
  mutating func add(from start: SequenceNumber, to end: SequenceNumber) {
    let range = Range(start: start, end: end)
    if first.isEmpty {
      first = range
    } else if first.end == start, !firstIsCoarse {
      first.end = end
    } else if second.isEmpty {
      second = range
    } else {
      secondIsCoarse = secondIsCoarse || second.end != start
      second.end = end
    }
  }

  /// Takes octets that arrived late; true when some of them were missing.
  mutating func fill(from start: SequenceNumber, to end: SequenceNumber) -> Bool {
    let arrived = Range(start: start, end: end)
    if !second.isEmpty, second.overlaps(arrived) {
      let (left, right) = Self.subtract(arrived, from: second)
      second = left.isEmpty ? right : Range(start: left.start, end: right.isEmpty ? left.end : right.end)
      secondIsCoarse = !second.isEmpty && (secondIsCoarse || !left.isEmpty && !right.isEmpty)
      if first.overlaps(arrived) { fillFirst(arrived) }
      return true
    }
    guard !first.isEmpty, first.overlaps(arrived) else { return false }
    fillFirst(arrived)
    return true
  }

  /// Drops what `number` acknowledges; true when something was acknowledged that certainly never was seen.
  mutating func acknowledge(upTo number: SequenceNumber) -> Bool {
    var isGap = false
    while !first.isEmpty, first.start.precedes(number) {
      isGap = isGap || !firstIsCoarse
      guard number.precedes(first.end) else {
        shift()
        continue
      }
      first.start = number
    }
    return isGap
  }

  private mutating func fillFirst(_ arrived: Range) {
    let (left, right) = Self.subtract(arrived, from: first)
    if left.isEmpty, right.isEmpty {
      shift()
    } else if left.isEmpty || right.isEmpty {
      first = left.isEmpty ? right : left
    } else if second.isEmpty {
      (first, second) = (left, right)
      secondIsCoarse = firstIsCoarse
    } else {
      firstIsCoarse = true
    }
  }

  private mutating func shift() {
    (first, firstIsCoarse) = (second, secondIsCoarse)
    (second, secondIsCoarse) = (Range(), false)
  }

  /// What is left of `range` before and after `arrived`.
  private static func subtract(_ arrived: Range, from range: Range) -> (left: Range, right: Range) {
    var (left, right) = (Range(), Range())
    if range.start.precedes(arrived.start) { left = Range(start: range.start, end: arrived.start) }
    if arrived.end.precedes(range.end) { right = Range(start: arrived.end, end: range.end) }
    return (left, right)
  }
}
