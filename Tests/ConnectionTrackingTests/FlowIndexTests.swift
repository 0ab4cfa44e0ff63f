import TestNumbers
import Testing

@testable import ConnectionTracking

/// The index against a dictionary, while it grows, and while it empties in the middle of that.
@Suite struct FlowIndexTests {
  /// Tags of a run: spread, so close together that many are equal, and at the upper end.
  enum Tags: CaseIterable {
    case spread, close, last

    func next(_ random: inout SplitMix) -> UInt32 {
      switch self {
      case .spread: FlowIndex.tag(random.next())
      case .close: 0x8000_0000 + UInt32(random.below(2000))
      case .last: .max - UInt32(random.below(3))
      }
    }
  }

  /// Asked for once: thousands of expectations take long.
  private func holds(_ index: borrowing FlowIndex, what model: [UInt32: Set<UInt32>]) -> Bool {
    var count = 0
    for (tag, slots) in model {
      var found: Set<UInt32> = []
      let none = index.find(tag) { slot in
        found.insert(slot.rawValue)
        return false
      }
      let first = index.first(tag, index.places)
      guard none == nil, found == slots, slots.isEmpty ? first == .none : slots.contains(first.rawValue) else {
        return false
      }
      count += slots.count
    }
    return index.count == count
  }

  @Test(arguments: Tags.allCases, [0, 12_000])
  func holdsWhatADictionaryHolds(tags: Tags, expected: Int) {
    var random = SplitMix(state: 7)
    let capacity = tags == .spread ? 12_000 : 4_000
    var index = FlowIndex(capacity: capacity)
    index.expect(expected)
    var model: [UInt32: Set<UInt32>] = [:]
    var entries: [(tag: UInt32, slot: UInt32)] = []
    var checkedWhileGrowing = 0
    var number: UInt32 = 0
    for round in 0..<4 {
      // Fewer each second time, by nearly all.
      let wanted = round % 2 == 0 ? capacity : capacity / 100
      while entries.count != wanted {
        if entries.count < wanted {
          let tag = tags.next(&random)
          index.insert(tag, Slot(number))
          model[tag, default: []].insert(number)
          entries.append((tag, number))
          number += 1
        } else {
          entries.swapAt(random.below(entries.count), entries.count - 1)
          let (tag, slot) = entries.removeLast()
          index.remove(tag, Slot(slot))
          model[tag]?.remove(slot)
        }
        let isGrowing = index.size != index.grown
        if number % (isGrowing ? 128 : 4096) == 0 {
          let isRight = holds(index, what: model)
          #expect(isRight)
          if isGrowing { checkedWhileGrowing += 1 }
        }
      }
      let isRight = holds(index, what: model)
      #expect(isRight)
    }
    // Equal ones move together: with three tags it has grown after a few connections.
    #expect(checkedWhileGrowing >= 2 || tags == .last)
  }

  /// One that takes another's place, also while it grows.
  @Test(arguments: Tags.allCases, [0, 12_000])
  func replacesAsItTakesOutAndAdds(tags: Tags, expected: Int) {
    var random = SplitMix(state: 11)
    var index = FlowIndex(capacity: 12_000)
    index.expect(expected)
    var model: [UInt32: Set<UInt32>] = [:]
    var tagsBySlot: [UInt32] = []
    var replacedWhileGrowing = 0
    // Of those that belong to one bucket each change goes through nearly all.
    let wanted: UInt32 = tags == .spread ? 9_000 : 3_200
    for number in 0..<wanted {
      let tag = tags.next(&random)
      index.insert(tag, Slot(number))
      model[tag, default: []].insert(number)
      tagsBySlot.append(tag)
      for _ in 0..<2 {
        if index.size != index.grown { replacedWhileGrowing += 1 }
        let slot = random.below(tagsBySlot.count)
        let (former, new) = (tagsBySlot[slot], tags.next(&random))
        index.replace(former, by: new, Slot(UInt32(slot)))
        model[former]?.remove(UInt32(slot))
        model[new, default: []].insert(UInt32(slot))
        tagsBySlot[slot] = new
      }
      guard number % 800 == 0 else { continue }
      let isRight = holds(index, what: model)
      #expect(isRight)
    }
    let isRight = holds(index, what: model)
    #expect(isRight && (replacedWhileGrowing > 0 || tags == .last))
  }

  /// What was inserted never fills more of it than probes stay short with, also while it grows.
  @Test func growsInTime() {
    var random = SplitMix(state: 3)
    var index = FlowIndex(capacity: 60_000)
    var wrong = 0
    for number in 0..<60_000 as Range<UInt32> {
      index.insert(FlowIndex.tag(random.next()), Slot(number))
      let (count, size) = (index.count, Int(index.size) * IndexBucket.places)
      if count > size * 3 / 4 + 1 || count > 5_000 && count < size / 2 { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  /// Sizes that it has had when all have come.
  @Test(
    "It grows to what is expected in fewer steps",
    arguments: [
      (expected: 0, sizes: 9), (expected: 20_000, sizes: 5), (expected: 60_000, sizes: 3), (expected: .max, sizes: 3),
    ]
  )
  func growsToWhatIsExpected(expected: Int, sizes: Int) {
    var random = SplitMix(state: 5)
    var index = FlowIndex(capacity: 60_000)
    index.expect(expected)
    var seen = Set([index.size])
    for number in 0..<60_000 as Range<UInt32> {
      index.insert(FlowIndex.tag(random.next()), Slot(number))
      seen.insert(index.size)
    }
    #expect(seen.count == sizes)
  }

  @Test("Where the kernel refuses address space, there is room for the fewest")
  func refusedMemory() {
    var index = FlowIndex(capacity: 1 << 55)
    let capacity = index.capacity
    #expect(capacity == FlowMemory.fewest)
    func tag(_ number: UInt32) -> UInt32 { FlowIndex.tag(UInt64(number) &* 0x9E37_79B9_7F4A_7C15) }
    for number in 0..<UInt32(FlowMemory.fewest) { index.insert(tag(number), Slot(number)) }
    let wrong = (0..<UInt32(FlowMemory.fewest)).filter { number in
      index.find(tag(number)) { $0 == Slot(number) } == nil
    }
    #expect(wrong.isEmpty)
  }

  @Test func anEmptyOneHasNothing() {
    let index = FlowIndex(capacity: 1)
    for tag in [1, 0x7FFF_FFFF, .max] as [UInt32] {
      let (first, found) = (index.first(tag, index.places), index.find(tag) { _ in true })
      #expect(first == .none && found == nil)
    }
  }
}
