import TestNumbers
import Testing

@testable import ConnectionTracking

/// Entries that find no room where they belong, and come back when there is.
@Suite struct FlowIndexBucketTests {
  /// Belongs to a bucket of the smallest index.
  private func tag(_ home: UInt32, _ number: UInt32) -> UInt32 { home << 23 | number << 1 | 1 }

  /// Whether each entry is where a lookup goes: all buckets from its home on know that something went past.
  private func isSound(_ index: borrowing FlowIndex) -> Bool {
    let places = index.places
    var count = 0
    for number in 0..<index.memory.capacity {
      let bucket = index.bucket(number)
      if bucket.isPassed, bucket.room != 0 { return false }
      for place in 0..<IndexBucket.places where bucket.slot(at: place) != .none {
        let home = places.home(bucket.tag(at: place))
        guard home <= number, (home..<number).allSatisfy({ index.bucket($0).isPassed }) else { return false }
        count += 1
      }
    }
    return count == index.count
  }

  private func holds(_ index: borrowing FlowIndex, _ entries: [(tag: UInt32, slot: UInt32)]) -> Bool {
    for (tag, slot) in entries {
      guard index.find(tag, { $0.rawValue == slot }) != nil, index.first(tag, index.places) != .none else {
        return false
      }
    }
    return index.count == entries.count
  }

  /// Of two neighbours, at the end of all, and all of one tag.
  @Test(arguments: zip([5, 511, 7] as [UInt32], [100, 100, 1] as [UInt32]))
  func comeBackInAnyOrder(home: UInt32, tags: UInt32) {
    var random = SplitMix(state: UInt64(home))
    for _ in 0..<20 {
      var index = FlowIndex(capacity: 200)
      var entries: [(tag: UInt32, slot: UInt32)] = []
      for slot in 0..<60 as Range<UInt32> {
        let neighbour = home == 511 ? home : home + UInt32(random.below(2))
        let tag = tag(neighbour, slot % tags)
        index.insert(tag, Slot(slot))
        entries.append((tag, slot))
      }
      var wrong = isSound(index) && holds(index, entries) ? 0 : 1
      while !entries.isEmpty {
        let (tag, slot) = entries.remove(at: random.below(entries.count))
        index.remove(tag, Slot(slot))
        if !isSound(index) || !holds(index, entries) { wrong += 1 }
      }
      #expect(wrong == 0)
    }
  }

  /// Where nobody stands behind, the first place is found at once again.
  @Test func oneThatIsEmptyAgainIsNotPassed() {
    var index = FlowIndex(capacity: 200)
    for slot in 0..<17 as Range<UInt32> { index.insert(tag(9, slot), Slot(slot)) }
    let passed = (index.bucket(9).isPassed, index.bucket(10).isPassed, index.bucket(11).isPassed)
    #expect(passed == (true, true, false))
    for slot in 0..<17 as Range<UInt32> { index.remove(tag(9, slot), Slot(slot)) }
    let left = (9..<12).filter { index.bucket($0).isPassed || index.bucket($0).room != 0xFF }
    #expect(left.isEmpty)
  }

  @Test func whatIsNotThereIsNotTakenOut() {
    var index = FlowIndex(capacity: 200)
    for slot in 0..<20 as Range<UInt32> { index.insert(tag(3, slot), Slot(slot)) }
    index.remove(tag(3, 20), Slot(1))
    index.remove(tag(3, 1), Slot(20))
    index.remove(tag(4, 1), Slot(1))
    let (count, isRight) = (index.count, isSound(index))
    #expect(count == 20 && isRight)
  }

  /// They come and leave while it grows, so that in every stage some have to go on, and to come back.
  @Test(arguments: [512, 40] as [UInt32])
  func comeAndLeaveWhileItGrows(homes: UInt32) {
    var random = SplitMix(state: 13)
    var index = FlowIndex(capacity: 12_000)
    var entries: [(tag: UInt32, slot: UInt32)] = []
    var (checked, wrong) = (0, 0)
    var slot: UInt32 = 0
    while entries.count < 5_000 {
      if random.below(100) < 40, !entries.isEmpty {
        entries.swapAt(random.below(entries.count), entries.count - 1)
        let (tag, slot) = entries.removeLast()
        index.remove(tag, Slot(slot))
      } else {
        let tag = tag(UInt32(random.below(Int(homes))) * (512 / homes), UInt32(random.below(1 << 22)))
        index.insert(tag, Slot(slot))
        entries.append((tag, slot))
        slot += 1
      }
      guard index.size != index.grown, slot % 64 == 0 else { continue }
      checked += 1
      if !isSound(index) || !holds(index, entries) { wrong += 1 }
    }
    #expect(wrong == 0 && checked > 10)
  }
}
