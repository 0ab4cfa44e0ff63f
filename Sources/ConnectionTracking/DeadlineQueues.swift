internal import PacketDecoding

/// One queue of each kind.
///
/// Those with nothing to wait for are a list only once one of them had to make room, which hardly ever comes about. Until
/// then each has a number in place of its neighbours, by which they are put in order: every connection comes there and
/// goes again, and its neighbours would be long untouched.
struct DeadlineQueues: ~Copyable {
  private var queues: InlineArray<10, DeadlineQueue>
  private(set) var listsOpen = false
  /// Of the next with nothing to wait for.
  private var nextNumber: Int64 = 0

  init() {
    let outOfOrder: [DeadlineQueue.Kind] = [.unansweredFIN, .timeWait]
    queues = InlineArray { number in
      DeadlineQueue(comesOutOfOrder: outOfOrder.contains { $0.rawValue == UInt8(number) })
    }
  }

  subscript(kind: DeadlineQueue.Kind) -> DeadlineQueue {
    @inline(__always) _read { yield queues[Int(kind.rawValue)] }
    @inline(__always) _modify { yield &queues[Int(kind.rawValue)] }
  }

  /// - Returns: whether it may be the first of its queue to be due.
  @inline(__always)
  mutating func add(_ slot: Slot, to kind: DeadlineQueue.Kind, due deadline: Instant, _ table: inout FlowTable) -> Bool
  {
    guard kind == .open, !listsOpen else { return self[kind].add(slot, due: deadline, &table) }
    addOpen(slot, &table)
    return false
  }

  /// Adds one with nothing to wait for, while those are no list.
  @inline(__always)
  mutating func addOpen(_ slot: Slot, _ table: inout FlowTable) {
    table[stayAt: slot].deadline = Instant(nanoseconds: nextNumber)
    nextNumber &+= 1
  }

  @inline(__always)
  mutating func remove(_ slot: Slot, from kind: DeadlineQueue.Kind, _ table: inout FlowTable) {
    if kind != .open || listsOpen { self[kind].remove(slot, &table) }
  }

  /// The first of a queue with deadlines that is not a constant. (Mutating: for what is only read, all queues are copied
  /// first.)
  @inline(__always)
  mutating func head(of kind: DeadlineQueue.Kind) -> Slot { Self.head(&self[kind]) }

  @inline(__always)
  private static func head(_ queue: inout DeadlineQueue) -> Slot { queue.head }

  /// The first and the last of a queue with deadlines.
  @inline(__always)
  mutating func ends(of kind: DeadlineQueue.Kind) -> (head: Slot, tail: Slot) { Self.ends(&self[kind]) }

  @inline(__always)
  private static func ends(_ queue: inout DeadlineQueue) -> (head: Slot, tail: Slot) { (queue.head, queue.tail) }

  /// Whether what is added to a queue is nearly always due last.
  @inline(__always)
  mutating func isInOrderOfArrival(_ kind: DeadlineQueue.Kind) -> Bool { Self.isInOrderOfArrival(&self[kind]) }

  @inline(__always)
  private static func isInOrderOfArrival(_ queue: inout DeadlineQueue) -> Bool { !queue.hasSlices }

  /// The first of any queue.
  mutating func oldest(of kind: DeadlineQueue.Kind, _ table: inout FlowTable) -> Slot {
    if kind == .open, !listsOpen { listOpen(&table) }
    return head(of: kind)
  }

  @inline(never)
  private mutating func listOpen(_ table: inout FlowTable) {
    var found: [(number: Int64, slot: Slot)] = []
    for number in 0..<table.slotLimit {
      let slot = Slot(number)
      guard table.updateHotLine(slot, { flow in flow.queue == .open }) else { continue }
      found.append((table[stayAt: slot].deadline.nanoseconds, slot))
    }
    found.sort { $0.number < $1.number }
    listsOpen = true
    for (_, slot) in found { self[.open].add(slot, due: Instant(nanoseconds: .max), &table) }
  }
}
