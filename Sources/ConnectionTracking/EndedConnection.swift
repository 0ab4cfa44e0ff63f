package import PacketDecoding

/// What the books ask of a connection that has come to its end: taken from where it stands, for all that is known of it
/// is several times as much to copy.
package struct EndedConnection: Sendable, BitwiseCopyable, Equatable {
  package private(set) var serial: UInt64
  package private(set) var account: AccountKey
  package let client: Endpoint
  /// From the first packet to the last.
  package let life: Seconds
  package let closedFirst: ClosedFirst
  package let closeKind: CloseKind
  /// Neither end sent a FIN.
  package let isAbrupt: Bool
  package let hasPayload: Bool
  /// The SYN was answered, or the connection was picked up while it was running.
  package let wasAnswered: Bool
  /// It was not shed before its time, and no ICMP error answered its SYN.
  package let ranOut: Bool
  package let isPartial: Bool
  /// The handshake told who opened.
  package let rolesObserved: Bool
  // What its conversation was like.
  package let kind: Conversation.Kind
  package let facts: Conversation.Facts
  package let exchanges: UInt32?
  /// When the first FIN or RST came, and the silence before it.
  package let closed: Instant?
  package let idleBeforeClose: Seconds?
  package private(set) var openSiblings: UInt32
  package let lastGap: Seconds
  package private(set) var requestedBy: Role?
  package private(set) var isHTTP10 = false
  package private(set) var announcedMaximum: UInt16?
  package private(set) var clientTimeout: UInt16?
  package private(set) var serverTimeout: UInt16?
  /// Keep-alive probes of the end that closed first: of the server where the client did not.
  package let unansweredProbes: UInt32

  /// Of the parts that a connection is kept in. What it has none of is nil.
  @inline(__always)
  fileprivate init(
    _ key: FlowKey,
    _ flow: borrowing Flow,
    _ detail: borrowing FlowDetail,
    start: Timestamp,
    wraps: (first: UInt16, second: UInt16),
    _ turns: Conversation.Turns,
    _ particulars: Conversation.Particulars,
    _ speakers: () -> Conversation.Speakers?
  ) {
    serial = detail.serial
    account = detail.account
    client = flow.traits.clientIsSecond ? key.second : key.first
    life = Seconds(nanoseconds: max(flow.lastPacket.nanoseconds &- start.nanoseconds, 0))
    (closedFirst, closeKind) = (flow.closedFirst, flow.closeKind)
    let (firstFIN, secondFIN) = (flow.first.marks.sentFIN, flow.second.marks.sentFIN)
    isAbrupt = !firstFIN && !secondFIN
    let first = flow.first.octets(after: detail[.first].base, wraps: wraps.first)
    let second = flow.second.octets(after: detail[.second].base, wraps: wraps.second)
    hasPayload = first > 0 || second > 0
    wasAnswered = flow.traits.isAnswered
    let isUnreachable = detail.isUnreachable
    let wasShed = flow.traits.evicted
    ranOut = !wasShed && !isUnreachable
    isPartial = detail.isPartial
    rolesObserved = flow.traits.rolesObserved
    (kind, facts) = (turns.kind, turns.facts)
    exchanges = turns.exchanges
    closed = particulars.closed
    idleBeforeClose = particulars.idleBeforeClose
    openSiblings = particulars.openSiblings
    lastGap = particulars.lastGap
    guard let speakers = speakers() else {
      unansweredProbes = 0
      return
    }
    let conversation = Conversation(turns, speakers, particulars)
    unansweredProbes = (closedFirst == .client ? speakers.client : speakers.server).probes.unanswered
    requestedBy = conversation.closeRequestedBy
    isHTTP10 = conversation.isHTTP10WithoutKeepAlive
    announcedMaximum = conversation.advertisedMaximum
    clientTimeout = conversation.clientAdvertisedTimeout
    serverTimeout = conversation.advertisedTimeout
  }
}

extension EndedConnection {
  /// The same connection, known by other numbers: those of the whole instead of those of a part.
  package func renumbered(serial: UInt64, _ account: AccountKey, openSiblings: UInt32) -> EndedConnection {
    var ended = self
    (ended.serial, ended.openSiblings) = (serial, openSiblings)
    (ended.account.service, ended.account.peer) = (account.service, account.peer)
    return ended
  }
}

extension ConnectionView {
  /// What the books ask at its end.
  package var ended: EndedConnection {
    EndedConnection(
      key,
      flow,
      detail,
      start: start,
      wraps: rarities.oddities.sequenceWraps,
      conversation.turns,
      conversation.particulars
    ) { conversation.speakers }
  }
}

extension FlowTable {
  /// The same of the connection at `slot`. Mutating, as `currentView`.
  mutating func currentlyEnded(at slot: Slot) -> EndedConnection {
    let (chunk, offset) = place(of: slot)
    let number = unsafe chunk.details[offset].rarities
    let closing = unsafe number == .none ? blank : closings.address(of: number)
    let others = unsafe closing.pointee.oddities
    let hasConversation = unsafe chunk.details[offset].hasConversation
    return unsafe EndedConnection(
      key(at: slot),
      chunk.flows[offset],
      chunk.details[offset],
      start: chunk.stays[offset].start,
      wraps: others == .none ? (0, 0) : oddities.address(of: others).pointee.sequenceWraps,
      hasConversation ? chunk.turns[offset] : Conversation.Turns(),
      closing.pointee.particulars
    ) { unsafe chunk.details[offset].hasSpeakers ? chunk.speakers[offset] : nil }
  }
}
