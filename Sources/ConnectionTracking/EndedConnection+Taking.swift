internal import PacketDecoding

extension EndedConnection {
  /// Of the parts that each connection is kept in.
  @inline(__always)
  fileprivate init(
    _ flow: borrowing Flow,
    _ detail: borrowing FlowDetail,
    client: Endpoint,
    start: Timestamp,
    wraps: (first: UInt16, second: UInt16),
    _ particulars: borrowing Conversation.Particulars
  ) {
    self.init(serial: detail.serial, service: detail.service, peer: detail.peer)
    self.client = client
    life = Seconds(nanoseconds: max(flow.lastPacket.nanoseconds &- start.nanoseconds, 0))
    (closedFirst, closeKind) = (flow.closedFirst, flow.closeKind)
    self.particulars = copy particulars
    exchanges = 0
    let (firstFIN, secondFIN) = (flow.first.marks.sentFIN, flow.second.marks.sentFIN)
    isAbrupt = !firstFIN && !secondFIN
    let firstSaid = flow.first.octets(after: detail[.first].base, wraps: wraps.first) > 0
    hasPayload = firstSaid ? true : flow.second.octets(after: detail[.second].base, wraps: wraps.second) > 0
    wasAnswered = flow.traits.isAnswered
    let (wasShed, isUnreachable) = (flow.traits.evicted, detail.isUnreachable)
    ranOut = !wasShed && !isUnreachable
    isPartial = detail.isPartial
    rolesObserved = flow.traits.rolesObserved
  }

  @inline(__always)
  fileprivate mutating func take(_ turns: borrowing Conversation.Turns) {
    (kind, facts, announcements) = (turns.kind, turns.facts, turns.announcements)
    exchanges = turns.exchanges
  }

  @inline(__always)
  fileprivate mutating func take(_ probes: borrowing Conversation.Probes) {
    unansweredProbes = probes[closedFirst == .client ? .client : .server].unanswered
  }

  @inline(__always)
  fileprivate mutating func take(_ speakers: borrowing Conversation.Speakers, _ turns: borrowing Conversation.Turns) {
    guard kind == .http1 else { return }
    requestedBy = turns.closeRequested(speakers.client.lastFacts, speakers.server.lastFacts)
    isHTTP10 = turns.isHTTP10WithoutKeepAlive(speakers.client.lastFacts)
  }
}

extension ConnectionView {
  /// What the books ask at its end.
  package var ended: EndedConnection {
    let wraps = rarities.oddities.sequenceWraps
    let particulars = conversation.particulars
    var ended = EndedConnection(flow, detail, client: client, start: start, wraps: wraps, particulars)
    ended.take(conversation.turns)
    ended.take(conversation.speakers, conversation.turns)
    ended.take(conversation.probes)
    return ended
  }
}

extension FlowTable {
  /// The same of the connection at `slot`. Mutating, as `currentView`.
  @inline(__always)
  mutating func currentlyEnded(at slot: Slot) -> EndedConnection {
    let offset = place(of: slot)
    let number = unsafe memory.details.start[offset].rarities
    let closing = unsafe number == .none ? blank : memory.closings.address(of: number)
    let others = unsafe closing.pointee.oddities
    var ended = unsafe EndedConnection(
      memory.flows.start[offset],
      memory.details.start[offset],
      client: client(at: slot),
      start: memory.stays.start[offset].start,
      wraps: others == .none ? (0, 0) : memory.oddities.address(of: others).pointee.sequenceWraps,
      closing.pointee.particulars
    )
    // Where speakers are kept, turns are.
    if unsafe memory.details.start[offset].hasConversation {
      let turns = unsafe memory.turns.start[offset]
      ended.take(turns)
      if unsafe memory.details.start[offset].hasSpeakers { unsafe ended.take(memory.speakers.start[offset], turns) }
    }
    if unsafe memory.details.start[offset].hasProbes { unsafe ended.take(memory.probes.start[offset]) }
    return ended
  }

  @inline(__always)
  private func client(at slot: Slot) -> Endpoint {
    let offset = place(of: slot)
    guard unsafe !memory.flows.start[offset].traits.isWide else {
      let end = unsafe memory.flows.start[offset].end(of: .client)
      return unsafe memory.wideKeys.start[offset].endpoint(end)
    }
    return unsafe memory.flows.start[offset].narrowClient
  }
}

extension Flow {
  /// The client of a connection whose key stands in the hot line.
  @inline(__always)
  fileprivate var narrowClient: Endpoint {
    let isSecond = traits.clientIsSecond
    return Endpoint(
      address: IPAddress(ipv4: isSecond ? secondWord : firstWord),
      port: isSecond ? secondPort : firstPort
    )
  }
}
