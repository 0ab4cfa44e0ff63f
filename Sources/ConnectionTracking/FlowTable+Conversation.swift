internal import PacketDecoding

/// What the two ends say to each other.
extension FlowTable {
  /// The same with what the two ends say to each other, in place: its turns are kept from the first time this is
  /// called, its speakers from when they are needed.
  @inline(__always)
  mutating func converse<Result>(
    _ slot: Slot,
    _ sender: End,
    _ body: (inout Flow, inout FlowDetail, borrowing Talk) -> Result
  ) -> Result {
    let (chunk, offset) = place(of: slot)
    return updateClosing(slot) { flow, detail, closing in
      Self.keepTurns(chunk, offset, &detail)
      let role = flow.role(of: sender)
      let hadSpeakers = detail.hasSpeakers
      var blank = Conversation.Speakers()
      return unsafe withUnsafeMutablePointer(to: &blank) { blank in
        let speakers = unsafe hadSpeakers ? chunk.speakers + offset : blank
        return unsafe Talk.lend(&chunk.turns[offset], &speakers.pointee, &closing, role, at: slot) { talk in
          let result = body(&flow, &detail, talk)
          if !hadSpeakers, talk.needsSpeakers {
            unsafe (chunk.speakers + offset).initialize(to: talk.speakers)
            detail.hasSpeakers = true
          }
          flow.noteOpaqueness(talk.turns)
          return result
        }
      }
    }
  }

  /// The same where something is said that was captured.
  @inline(__always)
  mutating func hear<Result>(_ slot: Slot, _ sender: End, _ body: (borrowing Talk) -> Result) -> Result {
    let (chunk, offset) = place(of: slot)
    return updateClosing(slot) { flow, detail, closing in
      if !detail.hasWholeConversation {
        Self.keepTurns(chunk, offset, &detail)
        Self.keepSpeakers(chunk, offset, &detail)
      }
      let role = flow.role(of: sender)
      return unsafe Talk.lend(&chunk.turns[offset], &chunk.speakers[offset], &closing, role, at: slot) { talk in
        let result = body(talk)
        if talk.turns.isOpaque { flow.noteOpaqueness(talk.turns) }
        return result
      }
    }
  }

  @inline(__always)
  private static func keepTurns(_ chunk: FlowChunk, _ offset: Int, _ detail: inout FlowDetail) {
    guard !detail.hasConversation else { return }
    unsafe (chunk.turns + offset).initialize(to: Conversation.Turns())
    detail.hasConversation = true
  }

  @inline(__always)
  private static func keepSpeakers(_ chunk: FlowChunk, _ offset: Int, _ detail: inout FlowDetail) {
    guard !detail.hasSpeakers else { return }
    unsafe Conversation.Speakers.clear(chunk.speakers + offset)
    detail.hasSpeakers = true
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
      Self.keepTurns(chunk, offset, &detail)
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

extension Flow {
  /// Once nothing is read any more, that is not undone.
  @inline(__always)
  fileprivate mutating func noteOpaqueness(_ turns: Conversation.Turns) {
    isOpaque = turns.isOpaque
    turnsSuffice = turns.isOpaque && !turns.awaitSecondAnswer
  }
}
