internal import PacketDecoding

/// What the two ends say to each other.
extension FlowTable {
  /// The same with what the two ends say to each other, which is kept from the first time this is called.
  @inline(__always)
  mutating func converse<Result>(
    _ slot: Slot,
    _ body: (inout Flow, inout FlowDetail, inout FlowClosing, inout Conversation) -> Result
  ) -> Result {
    let (chunk, offset) = place(of: slot)
    return updateClosing(slot) { flow, detail, closing in
      var conversation = Self.conversation(chunk, offset, detail, closing.particulars)
      let result = body(&flow, &detail, &closing, &conversation)
      closing.particulars = conversation.particulars
      unsafe (chunk.turns + offset).initialize(to: conversation.turns)
      detail.hasConversation = true
      flow.isOpaque = conversation.isOpaque
      flow.turnsSuffice = conversation.isOpaque && !conversation.turns.awaitSecondAnswer
      if detail.hasSpeakers || conversation.needsSpeakers {
        unsafe (chunk.speakers + offset).initialize(to: conversation.speakers)
        detail.hasSpeakers = true
      }
      return result
    }
  }

  /// The same with the turns alone, in place; nil where there may be more to a conversation, or there is none.
  @inline(__always)
  func updateTurns<Result>(_ slot: Slot, _ body: (inout Flow, inout Conversation.Turns) -> Result?) -> Result? {
    let (chunk, offset) = place(of: slot)
    guard unsafe chunk.flows[offset].isOpaque else { return nil }
    return unsafe body(&chunk.flows[offset], &chunk.turns[offset])
  }

  /// Begins a conversation with payload of which nothing was captured; false where there is one.
  @inline(__always)
  func beginUnread(_ slot: Slot, from sender: End, at now: Instant) -> Bool {
    let (chunk, offset) = place(of: slot)
    return update(slot) { flow, detail in
      guard !detail.hasConversation, !detail.hasSpeakers else { return false }
      let turns = Conversation.Turns(unread: flow.role(of: sender), at: now)
      unsafe (chunk.turns + offset).initialize(to: turns)
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
    let (chunk, offset) = place(of: slot)
    updateClosing(slot) { flow, detail, closing in
      if !detail.hasConversation {
        unsafe (chunk.turns + offset).initialize(to: Conversation.Turns())
        detail.hasConversation = true
      }
      let hasSpeakers = detail.hasSpeakers
      unsafe body(&flow, &chunk.turns[offset], &closing.particulars) {
        unsafe hasSpeakers ? chunk.speakers[offset] : Conversation.Speakers()
      }
    }
  }

  @inline(__always)
  static func conversation(
    _ chunk: FlowChunk,
    _ offset: Int,
    _ detail: FlowDetail,
    _ particulars: Conversation.Particulars
  ) -> Conversation {
    unsafe Conversation(
      detail.hasConversation ? chunk.turns[offset] : Conversation.Turns(),
      detail.hasSpeakers ? chunk.speakers[offset] : Conversation.Speakers(),
      particulars
    )
  }
}
