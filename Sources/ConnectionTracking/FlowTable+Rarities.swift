internal import PacketDecoding

/// What few connections have.
///
/// `scratch` is taken out of the table wherever what it points to is changed: under the thread sanitizer swiftc 6.3
/// takes the table's first field for the address of a change through a pointer that is not.
extension FlowTable {
  /// The same with what few connections have, which is kept once it is not as at first any more.
  @inline(__always)
  mutating func update<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowRarities) -> Result
  ) -> Result {
    let offset = place(of: slot)
    let scratch = unsafe scratch
    let number = unsafe memory.details.start[offset].rarities
    if number != .none { fetch(number) }
    let result = unsafe body(&memory.flows.start[offset], &memory.details.start[offset], &scratch.pointee)
    if unsafe number != .none || scratch.pointee.isTouched {
      unsafe memory.details.start[offset].rarities = keep(number)
    }
    return result
  }

  /// The same with what comes with the close, in place; it is kept once it is not as at first any more.
  ///
  /// - Parameter mayDiffer: asked afterwards; false where it certainly is as at first.
  @inline(__always)
  mutating func updateClosing<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowClosing) -> Result,
    mayDiffer: () -> Bool = { true }
  ) -> Result {
    let offset = place(of: slot)
    let number = unsafe memory.details.start[offset].rarities
    let closing = unsafe number == .none ? blank : memory.closings.address(of: number)
    let result = unsafe body(&memory.flows.start[offset], &memory.details.start[offset], &closing.pointee)
    guard number == .none else { return result }
    guard mayDiffer() else {
      unsafe assert(FlowClosing.isBlank(blank))
      return result
    }
    if unsafe !FlowClosing.isBlank(blank) {
      unsafe memory.details.start[offset].rarities = keepClosing()
    }
    return result
  }

  /// The same, in place; nil where there is nothing yet.
  @inline(__always)
  func updateKeptClosing<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowClosing) -> Result?
  ) -> Result? {
    let offset = place(of: slot)
    let number = unsafe memory.details.start[offset].rarities
    guard number != .none else { return nil }
    let closing = unsafe memory.closings.address(of: number)
    return unsafe body(&memory.flows.start[offset], &memory.details.start[offset], &closing.pointee)
  }

  /// Keeps what comes with the close, which it does now.
  @inline(__always)
  mutating func beginClosing(_ slot: Slot) {
    let offset = place(of: slot)
    guard unsafe memory.details.start[offset].rarities == .none else { return }
    let number = memory.closings.insertBlank()
    unsafe memory.details.start[offset].rarities = number
  }

  @inline(__always)
  func hasRarities(_ slot: Slot) -> Bool { detail(at: slot).rarities != .none }

  /// A segment moved the connection: it may have ended the handshake.
  @inline(__always)
  func noteHandshake(_ before: Standing, _ after: Standing, _ slot: Slot, at captured: Timestamp) {
    guard before.serverPhase == .synReceived, after.serverPhase != .synReceived, after.clientPhase == .established
    else { return }
    noteRoundTrip(slot, at: captured)
  }

  /// A segment ended the handshake.
  @inline(__always)
  func noteRoundTrip(_ slot: Slot, at captured: Timestamp) {
    let offset = place(of: slot)
    let number = unsafe memory.details.start[offset].rarities
    if number != .none, hadRetransmits(number) { return }
    unsafe memory.details.start[offset].noteRoundTrip(at: captured, since: self[stayAt: slot].start)
  }

  private func hadRetransmits(_ number: RecordNumber) -> Bool {
    let others = memory.closings[number].oddities
    return others != .none && memory.oddities[others].haveRetransmits
  }

  /// When the first TIME_WAIT of a connection is taken away.
  @inline(__always)
  func earliestTimeWaitEnd(_ slot: Slot, _ timer: TimeWaitTimer) -> Instant {
    let offset = place(of: slot)
    let number = unsafe memory.details.start[offset].rarities
    guard number != .none else { return Instant(nanoseconds: .max) }
    return unsafe memory.flows.start[offset].earliestTimeWaitEnd(&memory.closings[number], timer)
  }

  /// A copy of what few connections have.
  func rarities(at slot: Slot) -> FlowRarities {
    let number = detail(at: slot).rarities
    guard number != .none else { return FlowRarities() }
    let closing = memory.closings[number]
    return FlowRarities(closing, closing.oddities == .none ? FlowOddities() : memory.oddities[closing.oddities])
  }

  /// Brings a connection's rarities to where they are changed.
  private func fetch(_ number: RecordNumber) {
    let scratch = unsafe scratch
    unsafe scratch.pointee.fetch(memory.closings[number])
    let others = unsafe scratch.pointee.closing.oddities
    if others != .none { unsafe scratch.pointee.fetch(memory.oddities[others]) }
  }

  /// Puts them where they are kept, and leaves a blank.
  ///
  /// - Parameter number: where they were kept before.
  private mutating func keep(_ number: RecordNumber) -> RecordNumber {
    let scratch = unsafe scratch
    defer { unsafe FlowRarities.clear(scratch) }
    guard unsafe scratch.pointee.isTouched, unsafe number != .none || !FlowRarities.isBlank(scratch) else {
      return number
    }
    var others = number == .none ? .none : memory.closings[number].oddities
    if others != .none {
      unsafe memory.oddities[others] = scratch.pointee.oddities
    } else if unsafe scratch.pointee.hasOddities {
      others = unsafe memory.oddities.insert(scratch.pointee.oddities) ?? .none
    }
    unsafe scratch.pointee.closing.oddities = others
    guard number == .none else {
      unsafe memory.closings[number] = scratch.pointee.closing
      return number
    }
    return unsafe memory.closings.insert(scratch.pointee.closing) ?? .none
  }

  /// Keeps what stands in the blank, and leaves a blank.
  @inline(never)
  private mutating func keepClosing() -> RecordNumber {
    defer { unsafe FlowClosing.clear(blank) }
    return unsafe memory.closings.insert(blank.pointee) ?? .none
  }

  @inline(__always)
  mutating func forgetRarities(of slot: Slot) {
    let number = detail(at: slot).rarities
    guard number != .none else { return }
    let others = memory.closings[number].oddities
    if others != .none { memory.oddities.remove(others) }
    memory.closings.remove(number)
    update(slot) { _, detail in detail.rarities = .none }
  }
}
