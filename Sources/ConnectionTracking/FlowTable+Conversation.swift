internal import PacketDecoding

/// What the two ends say to each other.
extension FlowTable {
  /// The same with what the two ends say to each other, which is kept from the first time this is called.
  @inline(__always)
  mutating func converse<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowClosing, inout Conversation) -> Result
  ) -> Result {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    let probes = unsafe memory.probes.start + offset
    return updateClosing(slot) { flow, detail, closing in
      var conversation = unsafe Self.conversation(turns, speakers, probes, detail, closing.particulars)
      let result = body(&flow, &detail, &closing, &conversation)
      closing.particulars = conversation.particulars
      unsafe turns.initialize(to: conversation.turns)
      detail.hasConversation = true
      flow.isOpaque = conversation.isOpaque
      flow.turnsSuffice = conversation.isOpaque && !conversation.turns.awaitSecondAnswer
      if detail.hasSpeakers || conversation.needsSpeakers {
        unsafe speakers.initialize(to: conversation.speakers)
        detail.hasSpeakers = true
      }
      if detail.hasProbes || !conversation.probes.areNone {
        unsafe probes.initialize(to: conversation.probes)
        detail.hasProbes = true
      }
      return result
    }
  }

  /// The same with the turns alone, in place; nil where there may be more to a conversation, or there is none.
  @inline(__always)
  func updateTurns<Result>(_ slot: Slot, _ body: (inout Flow, inout Conversation.Turns) -> Result?) -> Result? {
    let offset = place(of: slot)
    guard unsafe memory.flows.start[offset].isOpaque else { return nil }
    return unsafe body(&memory.flows.start[offset], &memory.turns.start[offset])
  }

  /// Begins a conversation with payload of which nothing was captured; false where there is one.
  @inline(__always)
  func beginUnread(_ slot: Slot, from sender: End, at now: Instant) -> Bool {
    let offset = place(of: slot)
    return update(slot) { flow, detail in
      guard !detail.hasConversation, !detail.hasSpeakers else { return false }
      let turns = Conversation.Turns(unread: flow.role(of: sender), at: now)
      unsafe (memory.turns.start + offset).initialize(to: turns)
      detail.hasConversation = true
      flow.isOpaque = true
      flow.turnsSuffice = true
      return true
    }
  }

  /// The turns, in place, which are kept from now on, and the particulars. The speakers are read on demand.
  @inline(__always)
  mutating func updateConversation(
    _ slot: Slot,
    _ body: (
      inout Flow, inout Conversation.Turns, inout Conversation.Particulars, _ speakers: () -> Conversation.Speakers
    ) -> Void
  ) {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    updateClosing(slot) { flow, detail, closing in
      if !detail.hasConversation {
        unsafe turns.initialize(to: Conversation.Turns())
        detail.hasConversation = true
      }
      let hasSpeakers = detail.hasSpeakers
      unsafe body(&flow, &turns.pointee, &closing.particulars) {
        unsafe hasSpeakers ? speakers.pointee : Conversation.Speakers()
      }
    }
  }

  func conversation(at slot: Slot, _ particulars: Conversation.Particulars) -> Conversation {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    let probes = unsafe memory.probes.start + offset
    return unsafe Self.conversation(turns, speakers, probes, memory.details.start[offset], particulars)
  }

  @inline(__always)
  private static func conversation(
    _ turns: UnsafeMutablePointer<Conversation.Turns>,
    _ speakers: UnsafeMutablePointer<Conversation.Speakers>,
    _ probes: UnsafeMutablePointer<Conversation.Probes>,
    _ detail: FlowDetail,
    _ particulars: Conversation.Particulars
  ) -> Conversation {
    unsafe Conversation(
      detail.hasConversation ? turns.pointee : Conversation.Turns(),
      detail.hasSpeakers ? speakers.pointee : Conversation.Speakers(),
      particulars,
      detail.hasProbes ? probes.pointee : Conversation.Probes()
    )
  }
}
