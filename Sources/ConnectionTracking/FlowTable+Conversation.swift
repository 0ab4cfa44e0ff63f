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
    let offset = place(of: slot)
    let (turns, kept) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    return updateClosing(slot) { flow, detail, closing in
      unsafe Self.keepTurns(turns, &detail)
      let role = flow.role(of: sender)
      let hadSpeakers = detail.hasSpeakers
      var blank = Conversation.Speakers()
      return unsafe withUnsafeMutablePointer(to: &blank) { blank in
        let speakers = unsafe hadSpeakers ? kept : blank
        return unsafe Talk.lend(&turns.pointee, &speakers.pointee, &closing, role, at: slot) { talk in
          let result = body(&flow, &detail, talk)
          if !hadSpeakers, talk.needsSpeakers {
            unsafe kept.initialize(to: talk.speakers)
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
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    return updateClosing(slot) { flow, detail, closing in
      if !detail.hasWholeConversation {
        unsafe Self.keepTurns(turns, &detail)
        unsafe Self.keepSpeakers(speakers, &detail)
      }
      let role = flow.role(of: sender)
      return unsafe Talk.lend(&turns.pointee, &speakers.pointee, &closing, role, at: slot) { talk in
        let result = body(talk)
        if talk.turns.isOpaque { flow.noteOpaqueness(talk.turns) }
        return result
      }
    } mayDiffer: {
      unsafe turns.pointee.mayHaveParticulars
    }
  }

  /// The same without what comes with the close.
  @inline(__always)
  func hear<Result>(
    _ slot: Slot,
    _ sender: End,
    _ body: (Role, inout Conversation.Turns, inout Conversation.Speakers) -> Result
  ) -> Result {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    let detail = unsafe memory.details.start + offset
    if unsafe !detail.pointee.hasWholeConversation {
      unsafe Self.keepTurns(turns, &detail.pointee)
      unsafe Self.keepSpeakers(speakers, &detail.pointee)
    }
    return unsafe body(memory.flows.start[offset].role(of: sender), &turns.pointee, &speakers.pointee)
  }

  /// Whether what the two say is not read, or no more.
  @inline(__always)
  func isOpaque(_ slot: Slot) -> Bool { updateHotLine(slot) { flow in flow.isOpaque } }

  @inline(__always)
  private static func keepTurns(_ turns: UnsafeMutablePointer<Conversation.Turns>, _ detail: inout FlowDetail) {
    guard !detail.hasConversation else { return }
    unsafe turns.initialize(to: Conversation.Turns())
    detail.hasConversation = true
  }

  @inline(__always)
  private static func keepSpeakers(
    _ speakers: UnsafeMutablePointer<Conversation.Speakers>,
    _ detail: inout FlowDetail
  ) {
    guard !detail.hasSpeakers else { return }
    unsafe Conversation.Speakers.clear(speakers)
    detail.hasSpeakers = true
  }

  /// Notes what a segment means to keep-alive probes: it answers those of the other end.
  ///
  /// - Parameter silence: before it, when it is one itself.
  func noteProbes(_ slot: Slot, _ sender: End, probeAfter silence: Seconds?) {
    let offset = place(of: slot)
    let probes = unsafe memory.probes.start + offset
    update(slot) { flow, detail in
      if !detail.hasProbes {
        guard silence != nil else { return }
        unsafe probes.initialize(to: Conversation.Probes())
        detail.hasProbes = true
      }
      let role = flow.role(of: sender)
      unsafe probes.pointee[role.peer].unanswered = 0
      if let silence { unsafe probes.pointee[role].note(after: silence) }
      detail.hasUnansweredProbe = unsafe probes.pointee.areUnanswered
    }
  }

  /// The same with the turns alone, in place; nil where there may be more to a conversation, or there is none.
  @inline(__always)
  func updateTurns<Result>(_ slot: Slot, _ body: (inout Flow, inout Conversation.Turns) -> Result?) -> Result? {
    let offset = place(of: slot)
    guard unsafe memory.flows.start[offset].isOpaque else { return nil }
    return unsafe body(&memory.flows.start[offset], &memory.turns.start[offset])
  }

  /// Begins a conversation with payload of which nothing was captured; false where there is one, or an end has closed.
  @inline(__always)
  func beginUnread(_ slot: Slot, from sender: End, at now: Instant) -> Bool {
    let offset = place(of: slot)
    return update(slot) { flow, detail in
      guard !detail.hasConversation, !detail.hasSpeakers, flow.closedFirst == .none else { return false }
      let turns = Conversation.Turns(unread: flow.role(of: sender), at: now)
      unsafe (memory.turns.start + offset).initialize(to: turns)
      detail.hasConversation = true
      flow.isOpaque = true
      flow.turnsSuffice = turns.suffice
      return true
    }
  }

  /// What is done with a conversation, in place, when it closes: its turns and its particulars. The speakers are read on
  /// demand.
  typealias Closing = (
    inout Flow, inout Conversation.Turns, inout Conversation.Particulars, _ speakers: () -> Conversation.Speakers
  ) -> Void

  /// Where nothing was said no turns are kept: `body` leaves those as they are at first.
  @inline(__always)
  mutating func updateConversation(_ slot: Slot, _ body: Closing) {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    updateClosing(slot) { flow, detail, closing in
      unsafe Self.close(&flow, detail, &closing.particulars, turns, speakers, body)
    }
  }

  /// The same where what comes with the close is kept.
  @inline(__always)
  func updateKeptConversation(_ slot: Slot, _ body: Closing) {
    let offset = place(of: slot)
    let (turns, speakers) = unsafe (memory.turns.start + offset, memory.speakers.start + offset)
    let isKept: Void? = updateKeptClosing(slot) { flow, detail, closing in
      unsafe Self.close(&flow, detail, &closing.particulars, turns, speakers, body)
    }
    assert(isKept != nil)
  }

  @unsafe
  @inline(__always)
  private static func close(
    _ flow: inout Flow,
    _ detail: borrowing FlowDetail,
    _ particulars: inout Conversation.Particulars,
    _ turns: UnsafeMutablePointer<Conversation.Turns>,
    _ speakers: UnsafeMutablePointer<Conversation.Speakers>,
    _ body: Closing
  ) {
    guard detail.hasConversation else {
      var blank = Conversation.Turns()
      body(&flow, &blank, &particulars) { Conversation.Speakers() }
      assert(blank.isBlank)
      return
    }
    let hasSpeakers = detail.hasSpeakers
    unsafe body(&flow, &turns.pointee, &particulars) {
      unsafe hasSpeakers ? speakers.pointee : Conversation.Speakers()
    }
  }

  func conversation(at slot: Slot, _ particulars: Conversation.Particulars) -> Conversation {
    let offset = place(of: slot)
    let detail = unsafe memory.details.start[offset]
    return unsafe Conversation(
      detail.hasConversation ? memory.turns.start[offset] : Conversation.Turns(),
      detail.hasSpeakers ? memory.speakers.start[offset] : Conversation.Speakers(),
      particulars,
      detail.hasProbes ? memory.probes.start[offset] : Conversation.Probes()
    )
  }
}

extension Flow {
  /// Once nothing is read any more, that is not undone.
  @inline(__always)
  fileprivate mutating func noteOpaqueness(_ turns: Conversation.Turns) {
    isOpaque = turns.isOpaque
    turnsSuffice = turns.suffice
  }
}
