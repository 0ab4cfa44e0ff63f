internal import PacketDecoding

/// Deadlines that do not come in order: those of the kernel's own timers, which may have any time left. A connection
/// that stands here stands in its queue as well; what is found there at the deadline counts.
struct DeadlineHeap: Sendable {
  struct Entry: Sendable {
    var deadline: Instant
    var slot: Slot
    /// Tells the connection from a later one in the same slot.
    var serial: UInt64
  }

  private var entries: [Entry] = []

  var earliest: Instant? { entries.first?.deadline }

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].deadline < entries[parent].deadline else { break }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out the earliest if it is due.
  mutating func take(dueAt now: Instant) -> Entry? {
    guard let first = entries.first, first.deadline <= now, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    sinkFirst()
    return first
  }

  private mutating func sinkFirst() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].deadline < entries[least].deadline {
        least = child
      }
      guard least != parent else { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
