package import PacketDecoding

/// Who hears what happens to connections: accounting, and the keeper of those that ended.
package protocol ConnectionObserver: ~Copyable {
  /// What is told next happens at this moment.
  mutating func note(_ now: Instant)
  /// What is told next is what a deadline does.
  ///
  /// - Parameter number: of the queue it stood in, in the order in which these are looked at.
  mutating func meets(_ deadline: Instant, ofQueue number: UInt8)
  /// A connection is about to change: what is kept of it should be on its way.
  ///
  /// - Parameter number: of the account of its client.
  mutating func expect(peer number: UInt32)
  /// It will probably close.
  mutating func expectEnd(of serial: UInt64)
  /// One is about to be opened. What is returned comes back a moment later, when the memory that was asked for is there;
  /// 0 does not.
  mutating func expect(client: Endpoint, server: Endpoint) -> UInt64
  /// The same, between IPv4 addresses.
  mutating func expect(_ ends: RequestEnds) -> UInt64
  mutating func expectOpening(_ hint: UInt64)
  /// A connection is new. What is returned comes back with each of its changes.
  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey
  /// The same of one between IPv4 addresses of which nothing but a SYN was seen, in the daemon's own namespace, at this
  /// moment.
  mutating func requested(_ ends: RequestEnds, _ side: LocalSide, at now: Instant) -> AccountKey
  mutating func moved(_ account: AccountKey, from: Standing, to: Standing)
  /// The same of a step of the regular course, at this moment.
  ///
  /// - Returns: at the first FIN, the same as `siblings`.
  mutating func took(_ step: RegularStep, _ account: AccountKey, _ side: LocalSide, at now: Instant) -> Int
  /// The server is about to answer the SYN of a connection whose accounts are shared. What is returned comes back from
  /// now on.
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
  ///
  /// - Parameter copy: all that is known of it.
  mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView)
  /// The same, for those that need the copy.
  mutating func ended(_ connection: ConnectionView)
  /// The same of a connection that ran out, of which not even an octet was heard after its SYN: of a flood's there are
  /// very many.
  ///
  /// - Parameter isUnanswered: nobody answered at all, and it was not shed before its time.
  /// - Returns: whether that is all that the observer needs to know; if not, it is told as of all others.
  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool
  /// A connection that nobody answered runs out and leaves the table, with nothing heard after its SYN: in place of
  /// `moved`, `endedUnheard` and `left`.
  ///
  /// - Returns: whether that is all that the observer needs to know; if not, nothing is changed, and it is told as of all
  ///   others.
  mutating func ranOut(_ account: AccountKey, serial: UInt64, _ side: LocalSide, isUnanswered: Bool) -> Bool
  /// The same of one that goes before its time, as another's SYN comes, at this moment: `ranOut` and `requested` in one.
  ///
  /// - Returns: nil where `ranOut` would have said that it is not all.
  mutating func requested(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide,
    formerSerial: UInt64,
    at now: Instant
  ) -> AccountKey?
  /// The same of the first ones of a run, all of them on one side: as with each of them in turn, at its moment. What
  /// would have been returned for each stands in its place then.
  ///
  /// - Parameter count: of how many, which is not 0.
  /// - Returns: false, and nothing is changed, where `ranOut` would have said that it is not all.
  mutating func requested(_ run: inout MutableSpan<FloodRequest>, _ count: Int, _ side: LocalSide) -> Bool
  /// Whether it is to hear of those that leave.
  var hearsOfLeaving: Bool { get }
  /// It leaves the table; its last standing has been reported.
  mutating func left(_ connection: ConnectionView)
}

extension ConnectionObserver where Self: ~Copyable {
  package mutating func note(_ now: Instant) {}
  package mutating func took(_ step: RegularStep, _ account: AccountKey, _ side: LocalSide, at now: Instant) -> Int {
    note(now)
    let siblings = step.closes ? siblings(account) : 0
    moved(account, from: step.before(side), to: step.after(side))
    return siblings
  }
  package mutating func meets(_ deadline: Instant, ofQueue number: UInt8) {}
  package var hearsOfLeaving: Bool { true }
  package func expect(peer number: UInt32) {}
  package func expectEnd(of serial: UInt64) {}
  package func expect(client: Endpoint, server: Endpoint) -> UInt64 { 0 }
  package mutating func expect(_ ends: RequestEnds) -> UInt64 { expect(client: ends.client, server: ends.server) }
  package func expectOpening(_ hint: UInt64) {}
  package mutating func requested(_ ends: RequestEnds, _ side: LocalSide, at now: Instant) -> AccountKey {
    note(now)
    return opened(client: ends.client, server: ends.server, namespace: 0, .unanswered(side))
  }
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
  package mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView) { ended(copy()) }
  package mutating func ended(_ connection: ConnectionView) {}
  package mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool { false }
  package mutating func ranOut(
    _ account: AccountKey,
    serial: UInt64,
    _ side: LocalSide,
    isUnanswered: Bool
  ) -> Bool { false }
  package mutating func requested(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide,
    formerSerial: UInt64,
    at now: Instant
  ) -> AccountKey? {
    note(now)
    guard ranOut(former, serial: formerSerial, formerSide, isUnanswered: false) else { return nil }
    return requested(ends, side, at: now)
  }
  package mutating func requested(
    _ run: inout MutableSpan<FloodRequest>,
    _ count: Int,
    _ side: LocalSide
  ) -> Bool { false }
}
