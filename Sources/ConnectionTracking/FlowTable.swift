internal import PacketDecoding

/// All connections: an index from keys to slots, and the slots.
///
/// The pointers stay within the table, and every slot that comes back was handed out by `insert`: that is what makes it
/// safe.
@safe
package struct FlowTable: ~Copyable {
  /// As many connections as there may be at once.
  package var capacity: Int { memory.capacity }
  package private(set) var count = 0

  let hasher: FlowHasher
  var memory: FlowMemory
  /// Slots that were handed out once and are free, linked by `Stay.following`.
  private var firstFree = Slot.none
  var handedOut: UInt32 = 0
  /// A bit for each of what was inserted since `forgetNews`, by its tag: for what is not among them a second lookup
  /// finds no more than the first.
  private var news = InlineArray<32, UInt64>(repeating: 0)
  /// Which of the next handshakes have been asked for.
  var expected = ExpectedRequests()
  /// The rarities of the connection that is being updated; otherwise blank. (In the table itself all of it would be
  /// copied out and in each time.)
  let scratch: UnsafeMutablePointer<FlowRarities>
  /// As at first, but while a connection is being updated that has none of its own.
  let blank: UnsafeMutablePointer<FlowClosing>

  /// What a connection takes that has everything a connection may have, with its part of the index.
  package static var bytesPerConnection: Int { FlowMemory.bytesPerConnection }

  package init(capacity: Int) {
    self.init(capacity: capacity, hasher: FlowHasher())
  }

  init(capacity: Int, hasher: FlowHasher) {
    self.hasher = hasher
    memory = .fitting(max(1, min(capacity, Int(Int32.max))))
    unsafe scratch = .allocate(capacity: 1)
    unsafe scratch.initialize(to: FlowRarities())
    unsafe blank = .allocate(capacity: 1)
    unsafe blank.initialize(to: FlowClosing())
    unsafe FlowClosing.clear(blank)
  }

  deinit {
    unsafe scratch.deallocate()
    unsafe blank.deallocate()
  }

  /// Where a connection is in each of the arrays.
  @inline(__always)
  func place(of slot: Slot) -> Int {
    precondition(slot.rawValue < handedOut, "a slot that was never handed out")
    return Int(slot.rawValue)
  }

  // MARK: Change

  /// Adds a connection; nil when the table is full.
  mutating func insert(
    _ key: FlowKey,
    _ flow: Flow,
    _ detail: FlowDetail,
    _ rarities: FlowRarities = FlowRarities()
  ) -> Slot? {
    guard let slot = insert(tag: tag(of: key)) else { return nil }
    if key.isWide { setWideKey(key, at: slot) }
    let offset = place(of: slot)
    unsafe (memory.flows.start + offset).initialize(to: flow)
    unsafe (memory.details.start + offset).initialize(to: detail)
    unsafe (memory.stays.start + offset).initialize(to: Stay(start: flow.lastPacket))
    update(slot) { $2 = rarities }
    return slot
  }

  /// The same; what stands at the slot is for the caller to set, the key as well where it is wide.
  mutating func insert(tag: UInt32) -> Slot? {
    guard count < capacity, let slot = takeSlot() else { return nil }
    memory.index.insert(tag, slot)
    noteNews(tag)
    return slot
  }

  /// Of one that does not fit the hot line.
  @inline(never)
  func setWideKey(_ key: FlowKey, at slot: Slot) {
    let offset = place(of: slot)
    unsafe (memory.wideKeys.start + offset).initialize(to: key)
  }

  /// Counts a connection that is new.
  @inline(__always)
  mutating func noteNews(_ tag: UInt32) {
    count += 1
    markNews(tag)
  }

  @inline(__always)
  mutating func markNews(_ tag: UInt32) { news[Self.newsWord(tag)] |= Self.newsBit(tag) }

  mutating func forgetNews() { news = InlineArray(repeating: 0) }

  /// Whether something with this tag may have been inserted since then.
  // Mutating: what is only read is copied, all of it.
  @inline(__always)
  mutating func mayBeNews(_ tag: UInt32) -> Bool { Self.has(Self.newsBit(tag), &news[Self.newsWord(tag)]) }

  @inline(__always)
  private static func has(_ bit: UInt64, _ word: inout UInt64) -> Bool { word & bit != 0 }

  @inline(__always)
  private static func newsWord(_ tag: UInt32) -> Int { Int(tag >> 7 & 31) }

  // The lowest bit of tags is always the same.
  @inline(__always)
  private static func newsBit(_ tag: UInt32) -> UInt64 { 1 &<< UInt64(tag >> 1) }

  mutating func remove(_ slot: Slot) {
    if update(slot, { _, detail in detail.rarities != .none }) { forgetRarities(of: slot) }
    remove(slot, tag: tag(at: slot))
  }

  /// Takes out one that has no rarities, and need not have a detail.
  @inline(__always)
  mutating func remove(_ slot: Slot, tag: UInt32) {
    memory.index.remove(tag, slot)
    let free = firstFree
    updateHotLine(slot) { flow in (flow.queue, flow.quiet) = (.free, QuietMarks()) }
    self[stayAt: slot].following = free
    firstFree = slot
    count -= 1
  }

  // MARK: Slots

  @inline(__always)
  mutating func takeSlot() -> Slot? {
    guard firstFree != .none else { return takeNewSlot() }
    let slot = firstFree
    firstFree = self[stayAt: slot].following
    return slot
  }

  @inline(never)
  private mutating func takeNewSlot() -> Slot? {
    guard handedOut < UInt32(capacity) else { return nil }
    defer { handedOut += 1 }
    memory.noteUse(of: handedOut)
    return Slot(handedOut)
  }
}
