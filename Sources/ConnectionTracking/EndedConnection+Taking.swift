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
    let first = flow.first.octets(after: detail[.first].base, wraps: wraps.first)
    let second = flow.second.octets(after: detail[.second].base, wraps: wraps.second)
    hasPayload = first | second > 0
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
  fileprivate mutating func take(_ speakers: borrowing Conversation.Speakers, _ turns: borrowing Conversation.Turns) {
    unansweredProbes = closedFirst == .client ? speakers.client.probes.unanswered : speakers.server.probes.unanswered
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
    return ended
  }
}

extension FlowTable {
  /// The same of the connection at `slot`. Mutating, as `currentView`.
  mutating func currentlyEnded(at slot: Slot) -> EndedConnection {
    let (chunk, offset) = place(of: slot)
    let number = unsafe chunk.details[offset].rarities
    let closing = unsafe number == .none ? blank : closings.address(of: number)
    let others = unsafe closing.pointee.oddities
    var ended = unsafe EndedConnection(
      chunk.flows[offset],
      chunk.details[offset],
      client: client(at: slot),
      start: chunk.stays[offset].start,
      wraps: others == .none ? (0, 0) : oddities.address(of: others).pointee.sequenceWraps,
      closing.pointee.particulars
    )
    if unsafe chunk.details[offset].hasConversation { unsafe ended.take(chunk.turns[offset]) }
    if unsafe chunk.details[offset].hasSpeakers { unsafe ended.take(chunk.speakers[offset], chunk.turns[offset]) }
    return ended
  }

  @inline(__always)
  private func client(at slot: Slot) -> Endpoint {
    let (chunk, offset) = place(of: slot)
    guard unsafe !chunk.flows[offset].traits.isWide else {
      let end = unsafe chunk.flows[offset].end(of: .client)
      return unsafe chunk.wideKeys[offset].endpoint(end)
    }
    return unsafe chunk.flows[offset].narrowClient
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
