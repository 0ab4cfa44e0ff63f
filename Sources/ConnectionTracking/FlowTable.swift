internal import CPrefetch
internal import PacketDecoding

/// All connections: an index from keys to slots, and the slots.
///
/// Slots live in chunks that never move: the hot lines together, one cache line each, and the details apart. Both grow
/// as connections come, up to `capacity`.
///
/// The pointers are private, and every slot that comes back was handed out by `insert`: that is what makes it safe.
@safe
package struct FlowTable: ~Copyable {
  /// As many connections as there may be at once.
  package let capacity: Int
  package private(set) var count = 0

  private let hasher: FlowHasher
  private var index = FlowIndex()
  private var chunks: UnsafeMutableBufferPointer<FlowChunk>
  private var chunkCount = 0
  /// Slots that were handed out once and are free, linked by `FlowDetail.following`.
  private var firstFree = Slot.none
  private var handedOut: UInt32 = 0
  private var closings = RecordPool<FlowClosing>()
  private var oddities = RecordPool<FlowOddities>()
  /// The rarities of the connection that is being updated; otherwise blank. (In the table itself all of it would be
  /// copied out and in each time.)
  private let scratch: UnsafeMutablePointer<FlowRarities>

  /// What a connection takes that has everything a connection may have, with its part of the index.
  package static var bytesPerConnection: Int {
    MemoryLayout<Flow>.stride + MemoryLayout<FlowDetail>.stride + MemoryLayout<FlowKey>.stride
      + MemoryLayout<Conversation.Turns>.stride + MemoryLayout<Conversation.Speakers>.stride
      + FlowIndex.bytesPerConnection
  }

  package init(capacity: Int) {
    self.init(capacity: capacity, hasher: FlowHasher())
  }

  init(capacity: Int, hasher: FlowHasher) {
    self.capacity = max(1, min(capacity, Int(Int32.max)))
    self.hasher = hasher
    let chunkLimit = (self.capacity + FlowChunk.slots - 1) / FlowChunk.slots
    unsafe chunks = .allocate(capacity: chunkLimit)
    unsafe scratch = .allocate(capacity: 1)
    unsafe scratch.initialize(to: FlowRarities())
  }

  deinit {
    for number in 0..<chunkCount { unsafe chunks[number].deallocate() }
    unsafe chunks.deallocate()
    unsafe scratch.deallocate()
  }

  // MARK: Access

  /// Runs `body` on the connection at `slot`, in place.
  @inline(__always)
  func update<Result>(_ slot: Slot, _ body: (inout Flow, inout FlowDetail) -> Result) -> Result {
    let (chunk, offset) = place(of: slot)
    return unsafe body(&chunk.flows[offset], &chunk.details[offset])
  }

  /// The same, without the detail.
  @inline(__always)
  func updateHotLine<Result>(_ slot: Slot, _ body: (inout Flow) -> Result) -> Result {
    let (chunk, offset) = place(of: slot)
    return unsafe body(&chunk.flows[offset])
  }

  /// The same with what few connections have, which is kept once it is not as at first any more.
  @inline(__always)
  mutating func update<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowRarities) -> Result
  ) -> Result {
    let (chunk, offset) = place(of: slot)
    let number = unsafe chunk.details[offset].rarities
    if number != .none { fetch(number) }
    let result = unsafe body(&chunk.flows[offset], &chunk.details[offset], &scratch.pointee)
    if unsafe number != .none || scratch.pointee.isTouched {
      unsafe chunk.details[offset].rarities = keep(number)
    }
    return result
  }

  /// The same with what the two ends say to each other, which is kept from the first time this is called.
  @inline(__always)
  mutating func converse<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowRarities, inout Conversation) -> Result
  ) -> Result {
    let (chunk, offset) = place(of: slot)
    return update(slot) { flow, detail, rare in
      var conversation = Self.conversation(chunk, offset, detail)
      conversation.particulars = rare.closing.particulars
      let result = body(&flow, &detail, &rare, &conversation)
      rare.closing.particulars = conversation.particulars
      unsafe (chunk.turns + offset).initialize(to: conversation.turns)
      detail.hasConversation = true
      if detail.hasSpeakers || conversation.needsSpeakers {
        unsafe (chunk.speakers + offset).initialize(to: conversation.speakers)
        detail.hasSpeakers = true
      }
      return result
    }
  }

  /// The same with the turns alone, in place; nil while there are none.
  @inline(__always)
  func updateTurns<Result>(_ slot: Slot, _ body: (inout Flow, inout Conversation.Turns) -> Result?) -> Result? {
    let (chunk, offset) = place(of: slot)
    guard unsafe chunk.details[offset].hasConversation else { return nil }
    return unsafe body(&chunk.flows[offset], &chunk.turns[offset])
  }

  /// The turns, in place, which are kept from now on, and the particulars. The speakers are read on demand.
  @inline(__always)
  mutating func updateConversation(
    _ slot: Slot,
    _ body: (
      inout Flow, inout Conversation.Turns, inout Conversation.Particulars, _ speakers: () -> Conversation.Speakers
    ) -> Void
  ) {
    let (chunk, offset) = place(of: slot)
    update(slot) { flow, detail, rare in
      if !detail.hasConversation {
        unsafe (chunk.turns + offset).initialize(to: Conversation.Turns())
        detail.hasConversation = true
      }
      let hasSpeakers = detail.hasSpeakers
      unsafe body(&flow, &chunk.turns[offset], &rare.closing.particulars) {
        unsafe hasSpeakers ? chunk.speakers[offset] : Conversation.Speakers()
      }
    }
  }

  /// All of a conversation but its particulars.
  @inline(__always)
  private static func conversation(_ chunk: FlowChunk, _ offset: Int, _ detail: FlowDetail) -> Conversation {
    var conversation = Conversation()
    if detail.hasConversation { unsafe conversation.turns = chunk.turns[offset] }
    if detail.hasSpeakers { unsafe conversation.speakers = chunk.speakers[offset] }
    return conversation
  }

  package func view(at slot: Slot) -> ConnectionView {
    let (chunk, offset) = place(of: slot)
    let detail = detail(at: slot)
    let rarities = rarities(at: slot)
    var conversation = Self.conversation(chunk, offset, detail)
    conversation.particulars = rarities.closing.particulars
    return ConnectionView(
      key: key(at: slot),
      flow: flow(at: slot),
      detail: detail,
      rarities: rarities,
      conversation: conversation
    )
  }

  /// When the first TIME_WAIT of a connection is taken away.
  @inline(__always)
  func earliestTimeWaitEnd(_ slot: Slot, _ timer: TimeWaitTimer) -> Instant {
    let (chunk, offset) = place(of: slot)
    let number = unsafe chunk.details[offset].rarities
    guard number != .none else { return Instant(nanoseconds: .max) }
    return unsafe chunk.flows[offset].earliestTimeWaitEnd(closings[number], timer)
  }

  /// A copy of what few connections have.
  func rarities(at slot: Slot) -> FlowRarities {
    let number = detail(at: slot).rarities
    guard number != .none else { return FlowRarities() }
    var rarities = FlowRarities()
    rarities.closing = closings[number]
    if rarities.closing.oddities != .none { rarities.oddities = oddities[rarities.closing.oddities] }
    return rarities
  }

  @inline(__always)
  func key(at slot: Slot) -> FlowKey {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.flows[offset].narrowKey ?? chunk.wideKeys[offset]
  }

  @inline(__always)
  package func flow(at slot: Slot) -> Flow {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.flows[offset]
  }

  @inline(__always)
  package func detail(at slot: Slot) -> FlowDetail {
    let (chunk, offset) = place(of: slot)
    return unsafe chunk.details[offset]
  }

  @inline(__always)
  private func place(of slot: Slot) -> (chunk: FlowChunk, offset: Int) {
    let number = Int(slot.rawValue)
    precondition(slot.rawValue < handedOut, "a slot that was never handed out")
    return unsafe (chunks[number / FlowChunk.slots], number % FlowChunk.slots)
  }

  /// Slots run from 0 to below this number; a free one holds no connection.
  package var slotLimit: UInt32 { handedOut }

  /// The connection at a slot number, nil when it is free.
  package func connection(atNumber number: UInt32) -> ConnectionView? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return flow(at: slot).queue == .free ? nil : view(at: slot)
  }

  /// The slot of a number, nil when it is free.
  func slot(atNumber number: UInt32) -> Slot? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return flow(at: slot).queue == .free ? nil : slot
  }

  // MARK: Lookup

  /// The connection with this key, if it still is that one.
  package func connection(_ key: FlowKey, serial: UInt64) -> ConnectionView? {
    guard let slot = find(key), detail(at: slot).serial == serial else { return nil }
    return view(at: slot)
  }

  @inline(__always)
  func tag(of key: FlowKey) -> UInt32 { FlowIndex.tag(hasher(key)) }

  /// The same of a key that fits the hot line.
  @inline(__always)
  func tag(narrow first: UInt64, _ second: UInt64) -> UInt32 { FlowIndex.tag(hasher(narrow: first, second)) }

  func find(_ key: FlowKey) -> Slot? { find(key, tag: tag(of: key)) }

  @inline(__always)
  func find(_ key: FlowKey, tag: UInt32) -> Slot? {
    index.find(tag) { holds(key, $0) }
  }

  /// Asks for the memory that a lookup begins with.
  @inline(__always)
  func prefetchIndex(_ tag: UInt32) { index.prefetch(tag) }

  /// A slot that may be that of a key with this tag, found without reading connections. Its memory is asked for.
  @inline(__always)
  func candidate(_ tag: UInt32) -> Slot {
    guard let slot = index.find(tag, { _ in true }) else { return .none }
    let (chunk, offset) = place(of: slot)
    unsafe tcpstated_prefetch(chunk.flows + offset)
    return slot
  }

  /// Asks for what taking the connection at `slot` out of the index begins with.
  @inline(__always)
  func prefetchIndex(of slot: Slot) { index.prefetch(tag(of: key(at: slot))) }

  /// Asks for all that stands at `slot` of every connection.
  @inline(__always)
  func prefetch(_ slot: Slot) {
    let (chunk, offset) = place(of: slot)
    unsafe tcpstated_prefetch(chunk.flows + offset)
    unsafe FlowChunk.prefetch(chunk.details + offset)
  }

  /// Asks for the whole detail, which a segment needs that is not taken quietly.
  @inline(__always)
  func prefetchDetail(_ slot: Slot) {
    let (chunk, offset) = place(of: slot)
    unsafe FlowChunk.prefetch(chunk.details + offset)
  }

  /// Asks for what a segment with payload needs beside the hot line.
  @inline(__always)
  func prefetchConversation(_ slot: Slot) {
    let (chunk, offset) = place(of: slot)
    unsafe FlowChunk.prefetch(chunk.turns + offset)
    unsafe FlowChunk.prefetch(chunk.details + offset)
  }

  /// Asks for the line of the detail in which an end's timestamp stands.
  @inline(__always)
  func prefetchTimestamps(_ slot: Slot, of end: End) {
    let (chunk, offset) = place(of: slot)
    let endOfEnds = unsafe UnsafeRawPointer(chunk.details + offset + 1)
    unsafe tcpstated_prefetch(endOfEnds - (1 + end.other.index) * MemoryLayout<FlowEndDetail>.stride)
  }

  /// Whether the candidate is the connection of the segment.
  @inline(__always)
  func isCurrent(_ arrival: inout Arrival) -> Bool {
    guard arrival.candidate != .none else { return false }
    let (chunk, offset) = place(of: arrival.candidate)
    let isSame = updateHotLine(arrival.candidate) { flow in
      flow.words == arrival.words && flow.ports == arrival.ports && flow.queue != .free
        && flow.traits.isWide == arrival.isWide
    }
    guard isSame else { return false }
    return unsafe !arrival.isWide || chunk.wideKeys[offset] == arrival.key
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    let (chunk, offset) = place(of: slot)
    let hot = unsafe chunk.flows[offset].hotMatches(key)
    guard hot != .differs else { return false }
    return unsafe (hot == .same || chunk.wideKeys[offset] == key)
  }

  // MARK: Change

  /// Adds a connection; nil when the table is full.
  mutating func insert(
    _ key: FlowKey,
    _ flow: Flow,
    _ detail: FlowDetail,
    _ rarities: FlowRarities = FlowRarities()
  ) -> Slot? {
    guard let slot = insert(key, tag: tag(of: key)) else { return nil }
    let (chunk, offset) = place(of: slot)
    unsafe (chunk.flows + offset).initialize(to: flow)
    unsafe (chunk.details + offset).initialize(to: detail)
    update(slot) { $2 = rarities }
    return slot
  }

  /// The same; what stands at the slot is for the caller to set.
  mutating func insert(_ key: FlowKey, tag: UInt32) -> Slot? {
    guard count < capacity, let slot = takeSlot() else { return nil }
    guard index.insert(tag, slot) else {
      giveBack(slot)
      return nil
    }
    if key.isWide {
      let (chunk, offset) = place(of: slot)
      unsafe (chunk.wideKeys + offset).initialize(to: key)
    }
    count += 1
    return slot
  }

  mutating func remove(_ slot: Slot) {
    index.remove(tag(of: key(at: slot)), slot)
    giveBack(slot)
    count -= 1
  }

  private mutating func giveBack(_ slot: Slot) {
    let free = firstFree
    forgetRarities(of: slot)
    update(slot) { flow, detail in
      flow.queue = .free
      detail.following = free
    }
    firstFree = slot
  }

  // MARK: Rarities

  /// Brings a connection's rarities to where they are changed.
  private func fetch(_ number: RecordNumber) {
    unsafe scratch.pointee.fetch(closings[number])
    let others = unsafe scratch.pointee.closing.oddities
    if others != .none { unsafe scratch.pointee.fetch(oddities[others]) }
  }

  /// Puts them where they are kept, and leaves a blank.
  ///
  /// - Parameter number: where they were kept before.
  private mutating func keep(_ number: RecordNumber) -> RecordNumber {
    defer { unsafe FlowRarities.clear(scratch) }
    guard unsafe scratch.pointee.isTouched, unsafe number != .none || !FlowRarities.isBlank(scratch) else {
      return number
    }
    var others = number == .none ? .none : closings[number].oddities
    if others != .none {
      unsafe oddities[others] = scratch.pointee.oddities
    } else if unsafe scratch.pointee.hasOddities {
      others = unsafe oddities.insert(scratch.pointee.oddities) ?? .none
    }
    unsafe scratch.pointee.closing.oddities = others
    guard number == .none else {
      unsafe closings[number] = scratch.pointee.closing
      return number
    }
    return unsafe closings.insert(scratch.pointee.closing) ?? .none
  }

  private mutating func forgetRarities(of slot: Slot) {
    let number = detail(at: slot).rarities
    guard number != .none else { return }
    let others = closings[number].oddities
    if others != .none { oddities.remove(others) }
    closings.remove(number)
    update(slot) { _, detail in detail.rarities = .none }
  }

  // MARK: Slots

  private mutating func takeSlot() -> Slot? {
    if firstFree != .none {
      let slot = firstFree
      firstFree = detail(at: slot).following
      return slot
    }
    guard handedOut < UInt32(capacity) else { return nil }
    if Int(handedOut) == chunkCount * FlowChunk.slots {
      for chunk in FlowChunk.allocate(after: chunkCount, limit: unsafe chunks.count - chunkCount) {
        unsafe chunks[chunkCount] = chunk
        chunkCount += 1
      }
    }
    defer { handedOut += 1 }
    return Slot(handedOut)
  }
}

extension Flow {
  /// As much of two endpoints as stands in the hot line.
  @inline(__always)
  static func words(_ first: Endpoint, _ second: Endpoint) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: first.address.low)) | second.address.low << 32
  }

  @inline(__always)
  static func ports(_ first: Endpoint, _ second: Endpoint) -> UInt32 {
    UInt32(first.port) | UInt32(second.port) << 16
  }

  @inline(__always)
  var words: UInt64 { UInt64(firstWord) | UInt64(secondWord) << 32 }

  @inline(__always)
  var ports: UInt32 { UInt32(firstPort) | UInt32(secondPort) << 16 }

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

  /// The key, where it fits.
  @inline(__always)
  var narrowKey: FlowKey? {
    guard !traits.isWide else { return nil }
    return FlowKey(
      first: Endpoint(address: IPAddress(ipv4: firstWord), port: firstPort),
      second: Endpoint(address: IPAddress(ipv4: secondWord), port: secondPort),
      scope: 0
    )
  }
}

extension FlowKey {
  /// Whether the hot line cannot hold the key whole.
  var isWide: Bool { scope != 0 || namespace != 0 || !first.address.isIPv4 || !second.address.isIPv4 }
}
