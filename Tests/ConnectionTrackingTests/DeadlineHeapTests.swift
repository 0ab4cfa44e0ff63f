import PacketDecoding
import Testing

@testable import ConnectionTracking

@Suite struct DeadlineHeapTests {
  @Test("What comes in any order goes in order, and not before it is due", arguments: [0, 1, 2, 7, 100])
  func order(count: Int) {
    var heap = DeadlineHeap()
    // A permutation without a pattern: 101 is prime.
    for number in 0..<count {
      let deadline = Instant(nanoseconds: Int64((number * 37 + 5) % 101))
      heap.add(DeadlineHeap.Entry(deadline: deadline, slot: Slot(UInt32(number)), serial: UInt64(number)))
    }
    var taken: [Int64] = []
    for now in 0..<Int64(101) {
      while let entry = heap.take(dueAt: Instant(nanoseconds: now)) {
        #expect(entry.deadline.nanoseconds == now)
        taken.append(now)
      }
      #expect(heap.earliest.map { $0.nanoseconds > now } ?? true)
    }
    #expect(taken.count == count)
    #expect(heap.earliest == nil)
  }
}
