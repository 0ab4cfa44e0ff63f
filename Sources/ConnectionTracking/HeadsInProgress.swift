internal import PacketDecoding

/// Readers of heads that go on in the next segment. Few connections are in the middle of one, so that no connection
/// has to have room for it. And what the last heads said, for all connections.
struct HeadsInProgress: ~Copyable {
  let memory: HeadMemory
  /// Whether there may be anything in it.
  let remembers: Bool
  private var readers: [Place: HeadReader] = [:]

  private struct Place: Hashable, Sendable {
    var slot: Slot
    var role: Role
  }

  init(remembersHeads: Bool) {
    memory = HeadMemory(isKept: remembersHeads)
    remembers = remembersHeads
  }

  /// A reader that goes on where the last segment ended, or a new one.
  mutating func take(_ slot: Slot, _ role: Role) -> HeadReader {
    readers.isEmpty ? HeadReader() : readers.removeValue(forKey: Place(slot: slot, role: role)) ?? HeadReader()
  }

  mutating func keep(_ reader: HeadReader, _ slot: Slot, _ role: Role) {
    readers[Place(slot: slot, role: role)] = reader
  }

  @inline(__always)
  mutating func forget(_ slot: Slot) {
    if !readers.isEmpty { remove(slot) }
  }

  @inline(never)
  private mutating func remove(_ slot: Slot) {
    for role in Role.allCases { readers.removeValue(forKey: Place(slot: slot, role: role)) }
  }
}
