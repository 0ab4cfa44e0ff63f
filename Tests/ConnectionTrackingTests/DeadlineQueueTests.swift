import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// However deadlines come and go, the queue is in their order.
@Suite struct DeadlineQueueTests {
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func staysInOrder(seed: UInt64) {
    var generator = SplitMix(state: seed)
    var table = FlowTable(capacity: 3000)
    var queue = DeadlineQueue(comesOutOfOrder: true)
    var waiting: [Slot: Int64] = [:]
    for step in 0..<6000 {
      if step % 3 == 2, let slot = waiting.keys.randomElement(using: &generator) {
        queue.remove(slot, &table)
        table.remove(slot)
        waiting[slot] = nil
      } else {
        let deadline = Int64(generator.next() % 120_000_000_000)
        guard let slot = add(UInt16(truncatingIfNeeded: step), to: &table) else { break }
        queue.add(slot, due: Instant(nanoseconds: deadline), &table)
        waiting[slot] = deadline
      }
    }
    let listed = deadlines(of: queue, table)
    #expect(listed == waiting.values.sorted())
    #expect(queue.count == waiting.count)
    for slot in waiting.keys { queue.remove(slot, &table) }
    #expect(queue.head == .none && queue.tail == .none && queue.count == 0)
  }

  /// As time does it: nearly all come in order, and what is due goes.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func staysInOrderAsTimeGoesOn(seed: UInt64) {
    var generator = SplitMix(state: seed)
    var table = FlowTable(capacity: 500)
    var queue = DeadlineQueue(comesOutOfOrder: true)
    var waiting: [Slot: Int64] = [:]
    for step in 0..<20_000 {
      let now = Int64(step) * 20_000_000
      while queue.head != .none, table[stayAt: queue.head].deadline.nanoseconds <= now {
        let slot = queue.head
        #expect(waiting[slot] == waiting.values.min())
        leave(slot, &queue, &table, &waiting)
      }
      // The newest goes as well, and others.
      if generator.chance(20), queue.tail != .none { leave(queue.tail, &queue, &table, &waiting) }
      if generator.chance(20), let slot = waiting.keys.randomElement(using: &generator) {
        leave(slot, &queue, &table, &waiting)
      }
      let span: Int64 = generator.chance(10) ? Int64(generator.next() % 6_000_000_000) : 6_000_000_000
      guard let slot = add(UInt16(truncatingIfNeeded: step), to: &table) else { continue }
      queue.add(slot, due: Instant(nanoseconds: now + span), &table)
      waiting[slot] = now + span
    }
    #expect(deadlines(of: queue, table) == waiting.values.sorted())
  }

  /// One whose deadline is put off goes behind all others; where that is not its place it is left where it is.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func postponesInOrder(seed: UInt64) {
    var generator = SplitMix(state: seed)
    var table = FlowTable(capacity: 300)
    var queue = DeadlineQueue(comesOutOfOrder: true)
    var waiting: [Slot: Int64] = [:]
    var postponed = 0
    for step in 0..<6000 {
      let now = Int64(step) * 20_000_000
      let deadline = Instant(nanoseconds: now + Int64(generator.next() % 200_000_000))
      if generator.chance(60), let slot = waiting.keys.randomElement(using: &generator) {
        let (isLast, latest) = (slot == queue.tail, waiting.values.max() ?? 0)
        let isDone = queue.postpone(slot, until: deadline, &table)
        #expect(isDone == (!isLast && latest <= deadline.nanoseconds))
        guard isDone else { continue }
        postponed += 1
        waiting[slot] = deadline.nanoseconds
      } else if generator.chance(40), let slot = waiting.keys.randomElement(using: &generator) {
        leave(slot, &queue, &table, &waiting)
      } else if let slot = add(UInt16(truncatingIfNeeded: step), to: &table) {
        queue.add(slot, due: deadline, &table)
        waiting[slot] = deadline.nanoseconds
      }
      if step % 100 == 0 { #expect(deadlines(of: queue, table) == waiting.values.sorted()) }
    }
    #expect(postponed > 500 && queue.count == waiting.count)
    for slot in waiting.keys { queue.remove(slot, &table) }
    #expect(queue.head == .none && queue.tail == .none)
  }

  private func leave(
    _ slot: Slot,
    _ queue: inout DeadlineQueue,
    _ table: inout FlowTable,
    _ waiting: inout [Slot: Int64]
  ) {
    queue.remove(slot, &table)
    table.remove(slot)
    waiting[slot] = nil
  }

  @Test func theLatestGoesToTheEnd() {
    var table = FlowTable(capacity: 10)
    var queue = DeadlineQueue()
    for (number, deadline) in ([5, 7, 7, 9, 6] as [Int64]).enumerated() {
      guard let slot = add(UInt16(number), to: &table) else { continue }
      queue.add(slot, due: Instant(nanoseconds: deadline), &table)
    }
    #expect(deadlines(of: queue, table) == [5, 6, 7, 7, 9])
  }

  private func add(_ port: UInt16, to table: inout FlowTable) -> Slot? {
    let key = FlowKey(
      first: Endpoint(address: IPAddress(ipv4: 1), port: port),
      second: Endpoint(address: IPAddress(ipv4: 2), port: 80),
      scope: 0
    )
    let flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
    return table.insert(key, flow, FlowDetail(serial: 1))
  }

  private func deadlines(of queue: borrowing DeadlineQueue, _ table: borrowing FlowTable) -> [Int64] {
    var found: [Int64] = []
    var slot = queue.head
    while slot != .none {
      found.append(table[stayAt: slot].deadline.nanoseconds)
      slot = table[stayAt: slot].following
    }
    return found
  }
}
