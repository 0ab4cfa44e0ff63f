/// The array grows by half, or towards what is expected, one bucket with each connection that comes: from the last one
/// downwards their entries move to where they belong in the larger one. They never all move at once, and no directory is
/// read before a lookup. It ends long before the next growth begins.
extension FlowIndex {
  static let smallest: UInt64 = 512
  /// For so many it is not much too large if fewer come after all.
  private static let mostExpected = 1 << 20
  /// It becomes at most so many times larger: what is expected after more have come is nearer to what comes. Where it is
  /// small, being too large takes little.
  private static func leap(_ size: UInt64) -> UInt64 { size <= 1 << 12 ? 8 : 2 }

  /// Beyond this many entries too many buckets are full.
  private static func room(_ size: UInt64) -> Int { Int(size) * 5 }

  private static func next(_ size: UInt64) -> UInt64 { size / 2 * 3 }

  static func size(for count: Int) -> UInt64 {
    var size = smallest
    while room(size) < count { size = next(size) }
    return size
  }

  /// So many there will be: when it grows, it is towards room for them, as far as `leap` lets it.
  mutating func expect(_ count: Int) { likely = Self.size(for: min(count, capacity, Self.mostExpected)) }

  /// Before an entry is added.
  @inline(__always)
  mutating func growIfNeeded() {
    if size != grown {
      moveLast()
    } else if _slowPath(count >= Self.room(size)), size < largest {
      grow()
    }
  }

  @inline(never)
  private mutating func grow() {
    grown = max(Self.next(size), min(likely, size * Self.leap(size)))
    memory.noteUse(of: Int(size)..<Int(grown))
    boundary = 1 << 32
  }

  /// Moves all that belongs to the last bucket that has not been moved.
  @inline(never)
  private mutating func moveLast() {
    let number = ((boundary &- 1) &* size) >> 32
    boundary = ((number << 32) &+ size &- 1) / size
    let last = bucket(Int(number))
    if last.isPassed {
      moveRun(last)
    } else {
      moveAll(in: last)
    }
    if number == 0 { size = grown }
  }

  /// Of a bucket that nothing went past. (One that belongs to the same bucket in the larger array may be met twice.)
  private mutating func moveAll(in bucket: IndexBucket) {
    for place in 0..<IndexBucket.places {
      let (tag, slot) = (bucket.tag(at: place), bucket.slot(at: place))
      guard slot != .none, UInt64(tag) >= boundary else { continue }
      bucket.clear(place)
      put(tag, slot, from: self.bucket(Self.home(tag, grown)))
    }
  }

  /// Of a bucket that entries went past: with those that stand as far behind as the last of them may.
  @inline(never)
  private mutating func moveRun(_ first: IndexBucket) {
    var taken = InlineArray<64, UInt64>(repeating: 0)
    var count = 0
    var bucket = first
    var isPassed = true
    while isPassed {
      // Runs as long as this are not seen among tags that are spread.
      guard count <= taken.count - IndexBucket.places else {
        return moveLongRun(from: bucket, taken.span.extracting(..<count))
      }
      isPassed = bucket.isPassed
      bucket.takeAll { entry in
        taken[count] = entry
        count += 1
      }
      bucket = bucket.next
    }
    for number in 0..<count { putAgain(taken[number]) }
  }

  /// Of a run of any length, of which some were taken.
  @inline(never)
  private mutating func moveLongRun(from first: IndexBucket, _ taken: Span<UInt64>) {
    var entries: [UInt64] = []
    var bucket = first
    var isPassed = true
    while isPassed {
      isPassed = bucket.isPassed
      bucket.takeAll { entry in entries.append(entry) }
      bucket = bucket.next
    }
    for number in taken.indices { putAgain(taken[number]) }
    for entry in entries { putAgain(entry) }
  }

  private mutating func putAgain(_ entry: UInt64) {
    let tag = UInt32(truncatingIfNeeded: entry >> 32)
    put(tag, Slot(UInt32(truncatingIfNeeded: entry)), from: bucket(places.home(tag)))
  }
}

extension IndexBucket {
  /// Empties it, and hands over each entry: tag and slot.
  @inline(__always)
  fileprivate func takeAll(_ body: (UInt64) -> Void) {
    for place in 0..<Self.places where slot(at: place) != .none {
      body(UInt64(tag(at: place)) << 32 | UInt64(slot(at: place).rawValue))
      clear(place)
    }
    forgetPassed()
  }
}
