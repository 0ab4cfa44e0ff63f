import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// However handshakes come and go, the queue is in their order, and knows of each what it was given.
@Suite struct SYNQueueTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func staysInOrder(seed: UInt64) {
    var generator = SplitMix(state: seed)
    var queue = SYNQueue(capacity: 400, span: Seconds(131))
    var model: [Entry] = []
    var moment = Beginning(now: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 1 << 60), serial: 1)
    for step in 0..<8_000 {
      moment = Self.later(moment, &generator)
      // It fills and empties by turns, from its head more than from its midst.
      let comes = generator.chance(step / 400 % 2 == 0 ? 60 : 40)
      if comes, model.count < 400 {
        model.append(Self.add(step, moment, to: &queue, &generator))
      } else if !model.isEmpty {
        let place = generator.chance(60) ? 0 : generator.below(model.count)
        queue.remove(model.remove(at: place).number)
      }
      if !model.isEmpty, generator.chance(10) {
        let place = generator.below(model.count)
        if model[place].slot == nil {
          model[place].slot = UInt32(step)
          queue.place(model[place].number, at: Slot(UInt32(step)))
        }
      }
      #expect(queue.count == model.count && queue.first == model.first?.number ?? SYNQueue.none)
      if step % 50 == 0 { Self.compare(queue, model) }
    }
    // Each group but the last has some: no more memory was needed than for one each.
    #expect(queue.limit <= 401 * SYNQueue.groupSize)
    while let last = model.popLast() { queue.remove(last.number) }
    #expect(queue.count == 0 && queue.first == SYNQueue.none)
  }

  @Test("What comes and goes at once takes one group")
  func oneGroupDoes() {
    var queue = SYNQueue(capacity: 4, span: Seconds(1))
    for number in UInt32(0)..<100 { queue.remove(queue.add(Slot(number))) }
    #expect(queue.limit == SYNQueue.groupSize)
  }

  @Test("Behind a group comes that of those that came later, whatever numbers these have")
  func groupsFollow() {
    var queue = SYNQueue(capacity: 40, span: Seconds(1))
    let first = (0..<24).map { queue.add(Slot($0)) }
    let (second, last) = (queue.group(after: first[3]), queue.group(after: first[23]))
    #expect(second == first[8]..<first[15] + 1 && last == nil)
    // The first group leaves, and its numbers are given to those that come next.
    for number in first[..<8] { queue.remove(number) }
    let next = queue.add(Slot(24))
    let behind = queue.group(after: first[16])
    #expect(behind?.contains(next) == true && behind?.contains(first[0]) == true)
    #expect(SYNQueue.areOfOneGroup(first[0], first[7]) && !SYNQueue.areOfOneGroup(first[7], first[8]))
    #expect(!SYNQueue.areOfOneGroup(first[0], SYNQueue.none))
  }

  private struct Entry {
    var number: UInt32
    var base: UInt32
    var beginning: Beginning
    var slot: UInt32?
  }

  private static func add(_ step: Int, _ moment: Beginning, to queue: inout SYNQueue, _ generator: inout SplitMix)
    -> Entry
  {
    if generator.chance(20) {
      return Entry(number: queue.add(Slot(UInt32(step))), base: 0, beginning: moment, slot: UInt32(step))
    }
    var arrival = Arrival()
    arrival.segment.sequence = SequenceNumber(UInt32(step))
    let number = queue.add(Request(&arrival, .unknown, isPartial: false), moment)
    return Entry(number: number, base: UInt32(step) + 1, beginning: moment, slot: nil)
  }

  /// Mostly a moment later; sometimes by more than a group can tell, on one clock or on both, or many serials on.
  private static func later(_ moment: Beginning, _ generator: inout SplitMix) -> Beginning {
    var pause = Int64(generator.below(1_000_000))
    if generator.chance(2) { pause += 5_000_000_000 }
    var drift = Int64(generator.below(1000)) - 500
    if generator.chance(1) { drift -= 3_000_000_000 }
    return Beginning(
      now: Instant(nanoseconds: moment.now.nanoseconds + pause),
      captured: Timestamp(nanoseconds: moment.captured.nanoseconds + pause + drift),
      serial: moment.serial + (generator.chance(1) ? 70_000 : 1)
    )
  }

  private static func compare(_ queue: borrowing SYNQueue, _ model: [Entry]) {
    var number = queue.first
    for entry in model {
      #expect(number == entry.number)
      guard number == entry.number else { return }
      #expect(queue.isRequest(number) == (entry.slot == nil))
      if let slot = entry.slot {
        #expect(queue.slot(number) == Slot(slot))
      } else {
        let beginning = queue.beginning(number)
        #expect(beginning.now == entry.beginning.now && beginning.captured == entry.beginning.captured)
        #expect(beginning.serial == entry.beginning.serial && queue[number].base.rawValue == entry.base)
        #expect(queue.deadline(number) == entry.beginning.now + Seconds(131))
      }
      number = queue.number(after: number)
    }
    #expect(number == SYNQueue.none)
  }
}
