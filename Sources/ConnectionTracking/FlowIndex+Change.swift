/// Adding entries and taking them out.
extension FlowIndex {
  mutating func insert(_ tag: UInt32, _ slot: Slot) {
    growIfNeeded()
    put(tag, slot, from: bucket(places.home(tag)))
    count &+= 1
  }

  mutating func remove(_ tag: UInt32, _ slot: Slot) {
    if takeOut(tag, slot, from: bucket(places.home(tag))) { count &-= 1 }
  }

  /// The same as taking one out and adding another at its slot.
  @inline(__always)
  mutating func replace(_ former: UInt32, by tag: UInt32, _ slot: Slot) {
    let size = size
    guard size == grown, takeOut(former, slot, from: bucket(Self.home(former, size))) else {
      return replaceSlowly(former, by: tag, slot)
    }
    put(tag, slot, from: bucket(Self.home(tag, size)))
  }

  /// While it grows, or when the former is not there.
  @inline(never)
  private mutating func replaceSlowly(_ former: UInt32, by tag: UInt32, _ slot: Slot) {
    remove(former, slot)
    insert(tag, slot)
  }

  /// Puts an entry into the first bucket that has room.
  ///
  /// - Parameter home: the one that it belongs to.
  @inline(__always)
  func put(_ tag: UInt32, _ slot: Slot, from home: IndexBucket) {
    var bucket = home
    var room = bucket.room
    while _slowPath(room == 0) {
      bucket.markPassed()
      bucket = bucket.next
      room = bucket.room
    }
    bucket.put(tag, slot, at: room.trailingZeroBitCount)
  }

  /// - Returns: whether it was there.
  @inline(__always)
  private mutating func takeOut(_ tag: UInt32, _ slot: Slot, from home: IndexBucket) -> Bool {
    guard let (bucket, place) = place(of: tag, from: home, { $0 == slot }) else { return false }
    if _slowPath(bucket.isPassed) {
      pullBack(into: bucket, place)
    } else {
      bucket.clear(place)
    }
    return true
  }

  /// Fills a place whose entry leaves with one that went past its bucket, and the place of that the same way. Where there
  /// is none, it becomes empty.
  // Mutating: what is only read is copied.
  @inline(never)
  private mutating func pullBack(into bucket: IndexBucket, _ place: Int) {
    var (bucket, place) = (bucket, place)
    while bucket.isPassed {
      guard let (giver, given) = firstThatPassed(bucket) else {
        bucket.forgetPassed()
        break
      }
      bucket.replace(place, by: giver.tag(at: given), giver.slot(at: given))
      (bucket, place) = (giver, given)
    }
    bucket.clear(place)
  }

  /// The first entry behind a bucket that belongs there, or before.
  @inline(__always)
  private func firstThatPassed(_ bucket: IndexBucket) -> (bucket: IndexBucket, place: Int)? {
    let places = places
    var other = bucket
    while other.isPassed {
      other = other.next
      for place in 0..<IndexBucket.places where other.slot(at: place) != .none {
        if !self.bucket(places.home(other.tag(at: place))).isBehind(bucket) { return (other, place) }
      }
    }
    return nil
  }
}
