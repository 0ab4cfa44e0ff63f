internal import PacketDecoding

/// All connections: an index from keys to slots, and the slots.
///
/// The index is an open-addressed array of 8 bytes an entry, half hash and half slot, so that a lookup reads a
/// connection only when its hash agrees, and growing reads none. Slots live in chunks that never move. Both grow as
/// connections come, up to `capacity`.
///
/// The pointers are private, every slot that leaves this type was handed out by `insert`, and `isCurrent` is checked
/// where a slot comes back: that is what makes it safe.
@safe
package struct FlowTable: ~Copyable {
  /// As many connections as there may be at once.
  package let capacity: Int
  package private(set) var count = 0

  private let hasher: FlowHasher
  private var index: UnsafeMutableBufferPointer<IndexEntry>
  private var chunks: UnsafeMutableBufferPointer<Chunk>
  private var chunkCount = 0
  /// Slots that were handed out once and are free, linked by `FlowDetail.following`.
  private var firstFree = Slot.none
  private var handedOut: UInt32 = 0

  package init(capacity: Int) {
    self.init(capacity: capacity, hasher: FlowHasher())
  }

  init(capacity: Int, hasher: FlowHasher) {
    self.capacity = max(1, min(capacity, Int(Int32.max)))
    self.hasher = hasher
    unsafe index = .allocate(capacity: Self.smallestIndex)
    unsafe index.initialize(repeating: .empty)
    let chunkLimit = (self.capacity + Chunk.slots - 1) / Chunk.slots
    unsafe chunks = .allocate(capacity: chunkLimit)
  }

  deinit {
    for number in 0..<chunkCount { unsafe chunks[number].deallocate() }
    unsafe chunks.deallocate()
    unsafe index.deallocate()
  }

  private static let smallestIndex = 1024

  // MARK: Access

  /// Runs `body` on the connection at `slot`, in place.
  @inline(__always)
  func update<Result>(_ slot: Slot, _ body: (inout Flow, inout FlowDetail) -> Result) -> Result {
    let (chunk, offset) = place(of: slot)
    return unsafe body(&chunk.flows[offset], &chunk.details[offset])
  }

  /// The same with what the two ends say to each other, which is kept from the first time this is called.
  @inline(__always)
  func converse<Result>(_ slot: Slot, _ body: (inout Flow, inout FlowDetail, inout Conversation) -> Result) -> Result {
    let (chunk, offset) = place(of: slot)
    if unsafe !chunk.details[offset].hasConversation {
      unsafe (chunk.conversations + offset).initialize(to: Conversation())
      unsafe chunk.details[offset].hasConversation = true
    }
    return unsafe body(&chunk.flows[offset], &chunk.details[offset], &chunk.conversations[offset])
  }

  package func conversation(at slot: Slot) -> Conversation {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.details[offset].hasConversation ? chunk.conversations[offset] : Conversation()
  }

  package func view(at slot: Slot) -> ConnectionView {
    ConnectionView(flow: flow(at: slot), detail: detail(at: slot), conversation: conversation(at: slot))
  }

  package func flow(at slot: Slot) -> Flow {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.flows[offset]
  }

  package func detail(at slot: Slot) -> FlowDetail {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.details[offset]
  }

  @inline(__always)
  private func place(of slot: Slot) -> (chunk: Chunk, offset: Int) {
    let number = Int(slot.rawValue)
    precondition(slot.rawValue < handedOut, "a slot that was never handed out")
    return unsafe (chunks[number / Chunk.slots], number % Chunk.slots)
  }

  /// Slots run from 0 to below this number; a free one holds no connection.
  package var slotLimit: UInt32 { handedOut }

  /// The connection at a slot number, nil when it is free.
  package func connection(atNumber number: UInt32) -> ConnectionView? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return flow(at: slot).queue == .free ? nil : view(at: slot)
  }

  // MARK: Lookup

  func find(_ key: FlowKey) -> Slot? {
    let tag = Self.tag(hasher(key))
    var position = Int(tag) & mask
    while true {
      let entry = unsafe index[position]
      if entry.isEmpty { return nil }
      if entry.tag == tag, holds(key, entry.slot) { return entry.slot }
      position = (position + 1) & mask
    }
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    let (chunk, offset) = place(of: slot)
    let hot = unsafe chunk.flows[offset].hotMatches(key)
    guard hot != .differs else { return false }
    return unsafe (hot == .same || chunk.details[offset].key == key)
  }

  // MARK: Change

  /// Adds a connection; nil when the table is full.
  mutating func insert(_ key: FlowKey, _ flow: Flow, _ detail: FlowDetail) -> Slot? {
    guard count < capacity, let slot = takeSlot() else { return nil }
    if count + 1 > mask * 3 / 4 { growIndex() }
    let (chunk, offset) = place(of: slot)
    unsafe (chunk.flows + offset).initialize(to: flow)
    unsafe (chunk.details + offset).initialize(to: detail)
    place(IndexEntry(tag: Self.tag(hasher(key)), slot: slot))
    count += 1
    return slot
  }

  mutating func remove(_ slot: Slot) {
    let key = detail(at: slot).key
    guard let position = position(of: slot, tag: Self.tag(hasher(key))) else { return }
    closeGap(at: position)
    let free = firstFree
    update(slot) { flow, detail in
      flow.queue = .free
      detail.following = free
    }
    firstFree = slot
    count -= 1
  }

  private mutating func takeSlot() -> Slot? {
    if firstFree != .none {
      let slot = firstFree
      firstFree = detail(at: slot).following
      return slot
    }
    guard handedOut < UInt32(capacity) else { return nil }
    if Int(handedOut) == chunkCount * Chunk.slots {
      unsafe chunks[chunkCount] = Chunk.allocate()
      chunkCount += 1
    }
    defer { handedOut += 1 }
    return Slot(handedOut)
  }

  // MARK: Index

  private var mask: Int { unsafe index.count - 1 }

  /// The half of a hash that the index keeps; its low bits are the place an entry belongs to.
  private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

  private mutating func place(_ entry: IndexEntry) {
    var position = Int(entry.tag) & mask
    while unsafe !index[position].isEmpty { position = (position + 1) & mask }
    unsafe index[position] = entry
  }

  private func position(of slot: Slot, tag: UInt32) -> Int? {
    var position = Int(tag) & mask
    while true {
      let entry = unsafe index[position]
      if entry.isEmpty { return nil }
      if entry.slot == slot { return position }
      position = (position + 1) & mask
    }
  }

  /// Empties a place and moves up what probed past it, so that no tombstones are needed.
  private mutating func closeGap(at position: Int) {
    var gap = position
    var probe = (position + 1) & mask
    while true {
      let entry = unsafe index[probe]
      if entry.isEmpty { break }
      let home = Int(entry.tag) & mask
      if (probe &- home) & mask >= (probe &- gap) & mask {
        unsafe index[gap] = entry
        gap = probe
      }
      probe = (probe + 1) & mask
    }
    unsafe index[gap] = .empty
  }

  private mutating func growIndex() {
    let old = unsafe index
    let size = (mask + 1) * 2
    unsafe index = .allocate(capacity: size)
    unsafe index.initialize(repeating: .empty)
    for position in old.indices {
      let entry = unsafe old[position]
      if !entry.isEmpty { place(entry) }
    }
    unsafe old.deallocate()
  }
}

/// Eight bytes of the index.
private struct IndexEntry: BitwiseCopyable {
  let tag: UInt32
  private let slotPlusOne: UInt32

  static let empty = IndexEntry()

  init(tag: UInt32, slot: Slot) {
    self.tag = tag
    slotPlusOne = slot.rawValue &+ 1
  }

  private init() {
    tag = 0
    slotPlusOne = 0
  }

  var isEmpty: Bool { slotPlusOne == 0 }
  var slot: Slot { Slot(slotPlusOne &- 1) }
}

/// A run of slots: the hot lines together, the details together, and the conversations, whose memory is not touched
/// before something is said.
@safe
private struct Chunk {
  static let slots = 4096
  private static let cacheLine = 64

  let flows: UnsafeMutablePointer<Flow>
  let details: UnsafeMutablePointer<FlowDetail>
  let conversations: UnsafeMutablePointer<Conversation>

  static func allocate() -> Chunk {
    let flows = UnsafeMutableRawPointer.allocate(byteCount: slots * MemoryLayout<Flow>.stride, alignment: cacheLine)
    let details = UnsafeMutablePointer<FlowDetail>.allocate(capacity: slots)
    let conversations = UnsafeMutablePointer<Conversation>.allocate(capacity: slots)
    return unsafe Chunk(
      flows: flows.bindMemory(to: Flow.self, capacity: slots),
      details: details,
      conversations: conversations
    )
  }

  func deallocate() {
    unsafe flows.deallocate()
    unsafe details.deallocate()
    unsafe conversations.deallocate()
  }
}

extension Flow {
  enum Match {
    case differs
    case same
    /// As far as the hot line tells: the rest is in the detail.
    case perhaps
  }

  @inline(__always)
  func hotMatches(_ key: FlowKey) -> Match {
    guard
      firstWord == UInt32(truncatingIfNeeded: key.first.address.low), firstPort == key.first.port,
      secondWord == UInt32(truncatingIfNeeded: key.second.address.low), secondPort == key.second.port,
      traits.isWide == key.isWide
    else { return .differs }
    return traits.isWide ? .perhaps : .same
  }
}

extension FlowKey {
  /// Whether the hot line cannot hold the key whole.
  var isWide: Bool { scope != 0 || namespace != 0 || !first.address.isIPv4 || !second.address.isIPv4 }
}
