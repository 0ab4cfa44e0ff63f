/// Connections where they stand, and copies of them.
extension FlowTable {
  /// Runs `body` on the connection at `slot`, in place.
  @inline(__always)
  func update<Result>(_ slot: Slot, _ body: (inout Flow, inout FlowDetail) -> Result) -> Result {
    let offset = place(of: slot)
    return unsafe body(&memory.flows.start[offset], &memory.details.start[offset])
  }

  /// The same, without the detail.
  @inline(__always)
  func updateHotLine<Result>(_ slot: Slot, _ body: (inout Flow) -> Result) -> Result {
    let offset = place(of: slot)
    return unsafe body(&memory.flows.start[offset])
  }

  package func view(at slot: Slot) -> ConnectionView {
    if isRequest(slot) { return view(ofRequest: slot) }
    let rarities = rarities(at: slot)
    return ConnectionView(
      key: key(at: slot),
      flow: flow(at: slot),
      detail: detail(at: slot),
      stay: self[stayAt: slot],
      rarities: rarities,
      conversation: conversation(at: slot, rarities.closing.particulars)
    )
  }

  /// The same. (For what is not mutating, a table that is being changed is copied.)
  mutating func currentView(at slot: Slot) -> ConnectionView { view(at: slot) }

  @inline(__always)
  func key(at slot: Slot) -> FlowKey {
    let offset = place(of: slot)
    return unsafe memory.flows.start[offset].narrowKey ?? memory.wideKeys.start[offset]
  }

  @inline(__always)
  package func flow(at slot: Slot) -> Flow {
    let offset = place(of: slot)
    return unsafe memory.flows.start[offset]
  }

  @inline(__always)
  package func detail(at slot: Slot) -> FlowDetail {
    let offset = place(of: slot)
    return unsafe memory.details.start[offset]
  }

  /// Slots run from 0 to below this number; a free one holds no connection.
  package var slotLimit: UInt32 { handedOut }

  /// The connection at a slot number, nil when it is free.
  package func connection(atNumber number: UInt32) -> ConnectionView? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return flow(at: slot).queue == .free ? nil : view(at: slot)
  }

  /// That of the connection at a slot number; nothing that counts when it is free.
  package func serial(atNumber number: UInt32) -> UInt64? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return isRequest(slot) ? self[stayAt: slot].requestSerial : detail(at: slot).serial
  }

  /// The slot of a number, nil when it is free.
  func slot(atNumber number: UInt32) -> Slot? {
    guard number < handedOut else { return nil }
    let slot = Slot(number)
    return flow(at: slot).queue == .free ? nil : slot
  }

  /// The first connection of these slots of which an end waits. (Of all slots, again and again: nothing else of them is
  /// looked at.)
  @inline(never)
  func firstWaiting(from first: UInt32, before end: UInt32) -> Slot? {
    guard first < end, end <= handedOut else { return nil }
    var place = unsafe memory.flows.start + Int(first)
    let limit = unsafe memory.flows.start + Int(end)
    while unsafe place != limit {
      // (Beyond the end, nothing comes of it.)
      unsafe prefetchLine(place + Self.linesAhead)
      if unsafe place.pointee.hasWaitingPhase, unsafe place.pointee.queue != .free {
        return unsafe Slot(UInt32(place - memory.flows.start))
      }
      unsafe place += 1
    }
    return nil
  }

  private static var linesAhead: Int { 16 }
}

extension Flow {
  @inline(__always)
  fileprivate var hasWaitingPhase: Bool { first.phase.waitsByNumber || second.phase.waitsByNumber }
}
