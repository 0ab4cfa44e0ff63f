package import PacketDecoding

/// A connection as readers see it: a copy, by role instead of by end.
package struct ConnectionView: Sendable, BitwiseCopyable {
  package let key: FlowKey
  package let flow: Flow
  package let detail: FlowDetail
  let rarities: FlowRarities
  package let conversation: Conversation

  init(
    key: FlowKey,
    flow: Flow,
    detail: FlowDetail,
    rarities: FlowRarities,
    conversation: Conversation = Conversation()
  ) {
    self.key = key
    self.flow = flow
    self.detail = detail
    self.rarities = rarities
    self.conversation = conversation
  }

  package var client: Endpoint { key.endpoint(flow.end(of: .client)) }
  package var server: Endpoint { key.endpoint(flow.end(of: .server)) }
  /// The SYN was answered, or the connection was picked up while it was running.
  package var wasAnswered: Bool { flow.traits.isAnswered }

  /// Its payload was not captured all the time: what was said is not known, nor how much.
  package var isPartial: Bool { detail.isPartial }

  /// From the first packet to the last.
  package var life: Seconds {
    Seconds(nanoseconds: max(flow.lastPacket.nanoseconds &- detail.start.nanoseconds, 0))
  }

  package var standing: Standing { flow.standing }
  package var history: History { History(detail.letters, rarities.oddities.letters) }

  package var connState: ConnState {
    ConnState(
      client: detail[flow.end(of: .client)].observed,
      server: detail[flow.end(of: .server)].observed,
      payloadSeen: bytes(of: .client) > 0 || bytes(of: .server) > 0,
      resetUnanswered: history.opensWithUnansweredReset
    )
  }

  package func sentFIN(_ role: Role) -> Bool { flow[flow.end(of: role)].marks.sentFIN }

  package func heldTimeWait(_ role: Role) -> Bool { flow[flow.end(of: role)].marks.heldTimeWait }

  /// Segments sent.
  package func packets(of role: Role) -> UInt64 {
    let end = flow.end(of: role)
    return UInt64(rarities.oddities[end].packetWraps) << UInt64(FlowEnd.packetBits) | UInt64(flow[end].packets)
  }

  /// The control bits of its first segment, as they stand in the header; none when it sent nothing.
  package func initialFlags(of role: Role) -> TCPFlags {
    TCPFlags(rawValue: detail[flow.end(of: role)].initialFlags)
  }

  /// Those of all later ones.
  package func laterFlags(of role: Role) -> TCPFlags {
    let end = flow.end(of: role)
    return flow[end].laterFlags | TCPFlags(rawValue: rarities.closing[laterFlagsOf: end])
  }

  package func unionFlags(of role: Role) -> TCPFlags { initialFlags(of: role) | laterFlags(of: role) }

  package func retransmits(of role: Role) -> UInt64 { UInt64(rarities.oddities[flow.end(of: role)].retransmits) }

  /// Payload octets sent, each once: the stretch of sequence space without SYN and FIN.
  package func bytes(of role: Role) -> UInt64 {
    let end = flow.end(of: role)
    guard flow[end].marks.hasNext else { return 0 }
    let top = UInt64(rarities.oddities[end].sequenceWraps) << 32 | UInt64(flow[end].next.rawValue)
    let base = UInt64(detail[end].base.rawValue)
    // Where not all is captured, numbers are believed that lead back before the beginning.
    guard top > base else { return 0 }
    let stretch = top - base
    return flow[end].marks.sentFIN ? stretch - 1 : stretch
  }

  /// What is left of the longer TIME_WAIT; nil when neither end is in it.
  package func timeWaitRemaining(at now: Instant) -> Seconds? {
    var latest: Instant?
    for end in [End.first, .second] where flow[end].phase == .timeWait {
      latest = max(latest ?? rarities.closing[end].timeWaitEnd, rarities.closing[end].timeWaitEnd)
    }
    return latest.map { max($0 - now, .zero) }
  }

  package var interface: UInt8? {
    let first = flow.firstInterface
    let interface = first == Flow.noInterface ? flow.secondInterface : first
    return interface == Flow.noInterface ? nil : interface
  }
}

/// What accounting counts of a connection: when it changes, one is taken off the old cells and put on the new.
///
/// In one word, for each segment compares two of them.
@usableFromInline
package struct Standing: Hashable, Sendable, BitwiseCopyable {
  /// A byte for each of the first four, and the side above them.
  @usableFromInline var word: UInt64

  @inlinable
  package init(
    clientPhase: Phase,
    serverPhase: Phase,
    closedFirst: ClosedFirst,
    closeKind: CloseKind,
    localSide: LocalSide
  ) {
    let phases = unsafe unsafeBitCast((clientPhase, serverPhase), to: UInt16.self)
    let close = unsafe unsafeBitCast((closedFirst, closeKind), to: UInt16.self)
    let side = unsafe unsafeBitCast(localSide, to: UInt8.self)
    word = UInt64(phases) | UInt64(close) << 16 | UInt64(side) << 32
  }

  // Only the initializer writes the word: a raw value stands in each byte. (What makes one of the other asks for each.)

  @inlinable @inline(__always) package var clientPhase: Phase {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Phase.self)
  }
  @inlinable @inline(__always) package var serverPhase: Phase {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 8), to: Phase.self)
  }
  @inlinable @inline(__always) package var closedFirst: ClosedFirst {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 16), to: ClosedFirst.self)
  }
  @inlinable @inline(__always) package var closeKind: CloseKind {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 24), to: CloseKind.self)
  }
  @inlinable @inline(__always) package var localSide: LocalSide {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 32), to: LocalSide.self)
  }

  /// Whether nothing but states of ends is another.
  @inlinable @inline(__always)
  package func differsInPhasesAlone(from other: Standing) -> Bool { (word ^ other.word) >> 16 == 0 }
}

extension Flow {
  @inline(__always)
  package var standing: Standing {
    Standing(
      clientPhase: clientPhase,
      serverPhase: serverPhase,
      closedFirst: closedFirst,
      closeKind: closeKind,
      localSide: localSide
    )
  }
}

extension Standing {
  /// The server answers the client's SYN.
  @inlinable @inline(__always)
  package func answers(since before: Standing) -> Bool {
    before.serverPhase == .listen && serverPhase.hasAnswered
  }

  /// It shows that both ends are there, and no segment made it up: an answer to a SYN, or a FIN from each.
  @inlinable @inline(__always)
  package func proves(since before: Standing) -> Bool {
    answers(since: before) || closeKind == .fin && before.closeKind == .none
  }
}

/// Who hears what happens to connections: accounting, and the keeper of those that ended.
package protocol ConnectionObserver: ~Copyable {
  /// What is told next happens at this moment.
  mutating func note(_ now: Instant)
  /// What is told next is what a deadline does.
  ///
  /// - Parameter number: of the queue it stood in, in the order in which these are looked at.
  mutating func meets(_ deadline: Instant, ofQueue number: UInt8)
  /// A connection is new. What is returned comes back with each of its changes.
  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey
  mutating func moved(_ account: AccountKey, from: Standing, to: Standing)
  /// The server is about to answer the SYN of a connection whose accounts are shared. What is returned comes back from now on.
  mutating func answered(_ account: AccountKey, client: Endpoint, server: Endpoint, _ standing: Standing) -> AccountKey
  /// How many other connections of the same client to the same service are open.
  mutating func siblings(_ account: AccountKey) -> Int
  /// The owner of one of its ends was learned.
  mutating func owned(_ account: AccountKey, before: AccountKey, _ standing: Standing)
  /// Its second exchange began.
  mutating func reused(_ account: AccountKey)
  /// Its handshake does not go through at once.
  mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent)
  /// It came to its end: `closeKind` has just become known.
  mutating func ended(_ connection: ConnectionView)
  /// The same of a connection that ran out, of which not even an octet was heard after its SYN: of a flood's there are
  /// very many.
  ///
  /// - Parameter isUnanswered: nobody answered at all, and it was not shed before its time.
  /// - Returns: whether that is all that the observer needs to know; if not, it is told as of all others.
  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool
  /// Whether it is to hear of those that leave.
  var hearsOfLeaving: Bool { get }
  /// It leaves the table; its last standing has been reported.
  mutating func left(_ connection: ConnectionView)
}

extension ConnectionObserver where Self: ~Copyable {
  package mutating func note(_ now: Instant) {}
  package mutating func meets(_ deadline: Instant, ofQueue number: UInt8) {}
  package var hearsOfLeaving: Bool { true }
  package func siblings(_ account: AccountKey) -> Int { 0 }
  package func answered(
    _ account: AccountKey,
    client: Endpoint,
    server: Endpoint,
    _ standing: Standing
  ) -> AccountKey { account }
  package mutating func owned(_ account: AccountKey, before: AccountKey, _ standing: Standing) {}
  package mutating func reused(_ account: AccountKey) {}
  package mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent) {}
  package mutating func ended(_ connection: ConnectionView) {}
  package mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool { false }
}

/// Where accounting keeps what belongs to a connection, and who holds its ends.
@usableFromInline
package struct AccountKey: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var service: UInt32
  @usableFromInline package var peer: UInt32
  @usableFromInline package var client = Ownership.unknown
  @usableFromInline package var server = Ownership.unknown
  @usableFromInline package var namespace: UInt8

  @inlinable
  package init(service: UInt32, peer: UInt32, namespace: UInt8 = 0) {
    self.service = service
    self.peer = peer
    self.namespace = namespace
  }

  /// One of the accounts is that of all who have none of their own.
  @inlinable @inline(__always)
  package var isShared: Bool { service == 0 || peer == 0 }

  package subscript(role: Role) -> Ownership {
    get { role == .client ? client : server }
    set { if role == .client { client = newValue } else { server = newValue } }
  }
}
