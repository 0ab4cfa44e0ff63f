internal import PacketDecoding

/// Connections that wait for the same span of time, in order of their deadlines: a list through the table's slots.
///
/// There are few spans, so a list per span needs no heap: what is armed last is due last.
struct DeadlineQueue: Sendable {
  /// Which queue a connection stands in: always exactly one.
  enum Kind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not in use.
    case free
    /// Nothing to wait for: established, CLOSE_WAIT, FIN_WAIT_2.
    case open
    /// The handshake is not complete.
    case halfOpen
    /// A FIN waits for its acknowledgment.
    case unansweredFIN
    /// An end holds TIME_WAIT.
    case timeWait
    /// Ended: kept a while for stragglers, which would look like a connection picked up midway.
    case ended
    /// Neither end is ours, so nothing but silence tells that it is gone.
    case idleTransit
    /// A local FIN_WAIT_2 that no process holds open: the kernel gives it `tcp_fin_timeout`.
    case orphan

    static let withDeadline: [Kind] = [.halfOpen, .unansweredFIN, .timeWait, .ended, .idleTransit, .orphan]
  }

  private(set) var head = Slot.none
  private(set) var tail = Slot.none
  private(set) var count = 0

  /// Adds a slot where its deadline belongs: nearly always at the end.
  mutating func add(_ slot: Slot, _ table: borrowing FlowTable) {
    let deadline = table.detail(at: slot).deadline
    var before = tail
    var steps = 0
    while before != .none, steps < Self.longestSearch {
      let candidate = table.detail(at: before)
      if candidate.deadline <= deadline { break }
      before = candidate.previous
      steps += 1
    }
    insert(slot, after: before, table)
  }

  /// Adds a slot that is due among the first: the second end of a connection whose first end is through.
  mutating func addNearHead(_ slot: Slot, _ table: borrowing FlowTable) {
    let deadline = table.detail(at: slot).deadline
    var before = Slot.none
    var candidate = head
    var steps = 0
    while candidate != .none, steps < Self.longestSearch, table.detail(at: candidate).deadline < deadline {
      before = candidate
      candidate = table.detail(at: candidate).following
      steps += 1
    }
    insert(slot, after: before, table)
  }

  mutating func remove(_ slot: Slot, _ table: borrowing FlowTable) {
    let (previous, following) = table.update(slot) { _, detail in
      defer {
        detail.previous = .none
        detail.following = .none
      }
      return (detail.previous, detail.following)
    }
    if previous == .none { head = following } else { table.update(previous) { $1.following = following } }
    if following == .none { tail = previous } else { table.update(following) { $1.previous = previous } }
    count -= 1
  }

  /// Out of order by a few is harmless (it is looked at a moment late); a long search is not.
  private static let longestSearch = 64

  private mutating func insert(_ slot: Slot, after previous: Slot, _ table: borrowing FlowTable) {
    let following = previous == .none ? head : table.detail(at: previous).following
    table.update(slot) { _, detail in
      detail.previous = previous
      detail.following = following
    }
    if previous == .none { head = slot } else { table.update(previous) { $1.following = slot } }
    if following == .none { tail = slot } else { table.update(following) { $1.previous = slot } }
    count += 1
  }
}

/// One queue of each kind.
struct DeadlineQueues: Sendable {
  private var queues: InlineArray<8, DeadlineQueue> = InlineArray(repeating: DeadlineQueue())

  subscript(kind: DeadlineQueue.Kind) -> DeadlineQueue {
    get { queues[Int(kind.rawValue)] }
    set { queues[Int(kind.rawValue)] = newValue }
  }
}
