package import ConnectionTracking
package import PacketDecoding

/// Decides why connections closed: at once where the connection alone tells it, otherwise after as long as others may
/// take to show what they have in common. A decision stays.
package struct Diagnosis: ~Copyable, Sendable {
  /// But for those that nothing is to be known of and that came last.
  private var counted = CauseReport()
  private var unheard = UnheardRun()
  private var populations = Numbered(Population())
  /// Read by who asks for memory ahead: a call would cost more.
  package private(set) var peers = Numbered(PeerActivity())
  /// How many connections of a client carried more than one exchange, two at most: apart from the rest, for it is asked
  /// in the midst of connections, when that is cold.
  private var reuses = Numbered(UInt8(0))
  private var pending = BlockQueue<CloseFacts>()
  /// Services whose time-outs in the report are those from before their last closes.
  private var stale: [UInt32] = []
  /// Of those pending, up to here it is known whether the client went on.
  private var observed = 0
  /// By serial, nil while it is awaited: kept as long as the connection is listed.
  private var verdicts = VerdictTable()
  private let keepsVerdicts: Bool
  /// The newest cause that a connection's outline told alone, and that outline: most of a service end in the same way.
  private var usual = (outline: UInt64.max, verdict: CauseVerdict(.unknown, confidence: 0))
  /// Beyond this many none is awaited.
  private let longestQueue: Int
  /// Somebody takes each verdict once (`takeAnnounced`).
  package var announcesVerdicts = false
  private var announced: [(serial: UInt64, verdict: CauseVerdict)] = []

  /// How long the others are awaited.
  package static let patience = Seconds(55)
  /// What a client does that goes on shows within this.
  private static let sequel = Seconds(1)

  /// - Parameters:
  ///   - keepsVerdicts: single connections will be asked for.
  ///   - awaited: so many closes wait for others at most.
  package init(keepsVerdicts: Bool, awaited: Int = 65_536) {
    self.keepsVerdicts = keepsVerdicts
    longestQueue = awaited
  }

  package mutating func open(_ account: AccountKey, server: Endpoint, at now: Instant) {
    if !noteOpening(account, at: now) { openFirst(account, server, at: now) }
  }

  /// The same, between IPv4 addresses.
  package mutating func open(_ account: AccountKey, _ ends: RequestEnds, at now: Instant) {
    if !noteOpening(account, at: now) { openFirst(account, ends.server, at: now) }
  }

  /// - Returns: false, and nothing is noted, where the service or the client is new.
  @inline(__always)
  mutating func noteOpening(_ account: AccountKey, at now: Instant) -> Bool {
    guard counted.names(account.service), populations.holds(account.service), peers.holds(account.peer) else {
      return false
    }
    peers[account.peer].lastOpening = now
    populations[account.service].noteOpening(at: now)
    return true
  }

  /// Whether it counts which opening comes first after others ended, of a service that had some.
  @inline(__always)
  mutating func awaitsOpening(_ account: AccountKey) -> Bool {
    !populations.holds(account.service) || Self.awaitsOpening(&populations[account.service])
  }

  @inline(__always)
  private static func awaitsOpening(_ population: inout Population) -> Bool { population.awaitsOpening }

  /// The same, of a service or a client that is new.
  @inline(never)
  mutating func openFirst(_ account: AccountKey, _ server: Endpoint, at now: Instant) {
    counted.name(account.service, server)
    populations[account.service].noteOpening(at: now)
    peers[account.peer].lastOpening = now
  }

  /// What a service's causes were up to now is counted among those of the past.
  package mutating func keepPast(of service: UInt32) {
    noteUnheard()
    counted.keepPast(of: service)
  }

  /// Nothing is left of the service, and another may get its number.
  package mutating func release(service: UInt32) {
    noteUnheard()
    counted.release(service)
    populations[service] = Population()
    stale.removeAll { $0 == service }
  }

  package mutating func release(peer: UInt32) {
    peers[peer] = PeerActivity()
    reuses[peer] = 0
  }

  /// A connection carries its second exchange.
  package mutating func noteReuse(_ account: AccountKey) {
    if reuses[account.peer] < 2 { reuses[account.peer] += 1 }
  }

  /// Asks for what the end of a connection needs that is kept by its serial.
  // Mutating: for what is not, it is copied while it is being changed.
  package mutating func expectEnd(of serial: UInt64) {
    if keepsVerdicts { verdicts.prefetch(serial) }
  }

  package mutating func end(_ connection: borrowing EndedConnection, at now: Instant) {
    guard connection.outline == usual.outline else { return endUnusually(connection, at: now) }
    counted.count(usual.verdict.cause, connection.service, of: connection.client)
    if keepsVerdicts || announcesVerdicts { note(usual.verdict, of: connection.serial) }
  }

  @inline(never)
  private mutating func note(_ verdict: CauseVerdict, of serial: UInt64) {
    if announcesVerdicts { announced.append((serial, verdict)) }
    if keepsVerdicts { verdicts.insert(verdict, serial) }
  }

  @inline(never)
  private mutating func endUnusually(_ connection: borrowing EndedConnection, at now: Instant) {
    if connection.isPartialClose { return endPartially(connection) }
    var close = CloseFacts(connection, at: now)
    end(&close)
  }

  @inline(__always)
  private mutating func endPartially(_ connection: borrowing EndedConnection) {
    let verdict = CauseVerdict(.unknown, confidence: 0)
    counted.count(verdict.cause, connection.service, of: connection.client)
    if keepsVerdicts || announcesVerdicts { note(verdict, of: connection.serial) }
  }

  mutating func end(_ close: CloseFacts) {
    var close = close
    end(&close)
  }

  /// - Parameter close: not changed. (What is only read would be copied.)
  @inline(__always)
  private mutating func end(_ close: inout CloseFacts) {
    update(close.service) { $0.note(&close) }
    if let verdict = close.plainCause() {
      if close.isToldByOutline, verdict.cause != .clientGaveUp { usual = (close.outline, verdict) }
      settle(Closed(close), verdict)
      if keepsVerdicts { verdicts.insert(verdict, close.serial) }
    } else {
      if keepsVerdicts { verdicts.insert(nil, close.serial) }
      pending.append(close)
      counted.countUndecided(1, close.service)
      Self.note(close, &peers[close.peer])
    }
  }

  @inline(__always)
  private static func note(_ close: CloseFacts, _ peer: inout PeerActivity) {
    if close.isDiscard { peer.discards += 1 }
    if close.mayBeSurplus { peer.unused += 1 }
    peer.lastClose = max(peer.lastClose ?? close.at, close.at)
  }

  /// A connection ran out in which nobody answered and nothing was said: there is nothing to be known of it.
  package mutating func endUnheard(_ serial: UInt64, service: UInt32) {
    countUnheard(service)
    if keepsVerdicts { noteVerdict(ofUnheard: serial) }
  }

  @inline(never)
  private mutating func noteVerdict(ofUnheard serial: UInt64) {
    verdicts.insert(CauseVerdict(.unknown, confidence: 0), serial)
  }

  /// The same, as another is opened.
  package mutating func open(
    _ account: AccountKey,
    _ ends: RequestEnds,
    at now: Instant,
    inPlaceOf unheard: UInt64,
    service: UInt32
  ) {
    if !noteOpening(account, at: now) { openFirst(account, ends.server, at: now) }
    countUnheard(service)
    if keepsVerdicts { noteVerdict(ofUnheard: unheard) }
  }

  @inline(__always)
  mutating func countUnheard(_ service: UInt32) {
    if !unheard.count(service) { beginUnheard(service) }
  }

  @inline(never)
  private mutating func beginUnheard(_ service: UInt32) {
    noteUnheard()
    unheard = UnheardRun(service)
  }

  private mutating func noteUnheard() {
    counted.countUnheard(.unknown, unheard.service, unheard.count)
    unheard.count = 0
  }

  @inline(__always)
  private mutating func update(_ service: UInt32, _ change: (inout Population) -> Void) {
    if Self.makesStale(&populations[service], change) { stale.append(service) }
  }

  /// In one access: what is only read of an array is copied, and each array in it retained.
  @inline(__always)
  private static func makesStale(_ population: inout Population, _ change: (inout Population) -> Void) -> Bool {
    change(&population)
    defer { population.isStale = true }
    return !population.isStale
  }

  /// Decides what has waited long enough.
  package mutating func decide(at now: Instant) {
    refreshTimeouts()
    while observed < pending.numbers.upperBound, now - closeTime(observed) >= Self.sequel { observeNext() }
    while let first = pending.numbers.first, now - closeTime(first) >= Self.patience { decideNext() }
    // Beyond this many none is awaited.
    while pending.numbers.count > longestQueue { decideNext() }
  }

  /// Decides all that is left: nothing more will come.
  package mutating func decideAll() {
    while !pending.numbers.isEmpty { decideNext() }
  }

  /// Whether the client opened others after this close, or kept some longer: if not, it was through with its work.
  @inline(__always)
  private mutating func observeNext() {
    let number = pending[observed].peer
    let isConfirmed = Self.observe(&pending[observed], peers[number], reused: reuses[number])
    if isConfirmed { peers[number].confirmedDiscards += 1 }
    observed += 1
  }

  /// - Returns: whether the client discarded the connection, and went on.
  @inline(__always)
  private static func observe(_ close: inout CloseFacts, _ peer: PeerActivity, reused: UInt8) -> Bool {
    let openedMore = peer.lastOpening.map { $0 > close.at } ?? false
    let keptOthers = peer.lastClose.map { $0 - close.at > momentOfEnd } ?? false
    close.clientWentOn = openedMore || keptOthers
    // Not later: the client may change its ways, or be another program.
    close.siblingsWereReused = reused > (close.exchanges ?? 0 > 1 ? 1 : 0)
    return close.clientWentOn && close.siblingsWereReused && close.isDiscard
  }

  private mutating func closeTime(_ number: Int) -> Instant { pending[number].at }

  /// In which a program that ends closes all its connections.
  private static let momentOfEnd = Seconds(nanoseconds: 100_000_000)

  private mutating func decideNext() {
    let number = pending.numbers.lowerBound
    if observed == number { observeNext() }
    let (service, peer) = (pending[number].service, pending[number].peer)
    Self.compare(&pending[number], peers[peer])
    let verdict = populations[service].cause(of: pending[number])
    counted.countUndecided(-1, service)
    settle(Closed(pending[number]), verdict)
    // Where it is listed no more there is nothing to be kept.
    if keepsVerdicts { verdicts.decide(verdict, pending[number].serial) }
    pending.removeFirst()
  }

  @inline(__always)
  private static func compare(_ close: inout CloseFacts, _ peer: PeerActivity) {
    close.clientDiscards = peer.confirmedDiscards * 2 > peer.discards
    // Health checks go on beside a pool that is in order.
    close.isSurplus = close.clientDiscards && peer.discards >= peer.unused
  }

  /// What is needed of a close once its cause is known: less to hand on than all its facts.
  private struct Closed {
    let serial: UInt64
    let service: UInt32
    /// Of what expired nobody wants to know whose it was, and in a flood there are many.
    let client: Endpoint?
    let silence: Seconds?

    @inline(__always)
    init(_ close: borrowing CloseFacts) {
      serial = close.serial
      service = close.service
      client = close.kind == .expired ? nil : close.client
      silence = close.idle
    }
  }

  @inline(__always)
  private mutating func settle(_ close: Closed, _ verdict: CauseVerdict) {
    counted.count(verdict.cause, close.service, of: close.client)
    if verdict.cause == .clientGaveUp { update(close.service) { $0.noteGiveUp(after: close.silence) } }
    if announcesVerdicts { announced.append((close.serial, verdict)) }
  }

  /// What was decided since the last call.
  package mutating func takeAnnounced() -> [(serial: UInt64, verdict: CauseVerdict)] {
    defer { announced = [] }
    return announced
  }

  /// Nil when it is not decided.
  package func verdict(of serial: UInt64) -> CauseVerdict? { verdicts[serial] }

  /// It has ended, and is to be decided.
  package func awaits(_ serial: UInt64) -> Bool { verdicts.isAwaited(serial) }

  package mutating func forget(_ serial: UInt64) {
    verdicts.remove(serial)
  }

  /// Brings up to date what the silences before closes say of time-outs.
  private mutating func refreshTimeouts() {
    for service in stale {
      populations[service].isStale = false
      counted.note(service, populations[service].timeouts)
    }
    stale.removeAll(keepingCapacity: true)
  }

  package var report: CauseReport {
    var report = counted
    report.countUnheard(.unknown, unheard.service, unheard.count)
    return report
  }

  /// The report, with time-outs as they are now.
  package var current: CauseReport {
    var current = report
    for service in stale { current.note(service, populations[service].timeouts) }
    return current
  }
}

extension EndedConnection {
  /// What was said was not captured all the time: nothing is known of why it closed, nor does it tell of others.
  @inline(__always)
  fileprivate var isPartialClose: Bool { isPartial && (closeKind == .fin || closeKind == .rst) }
}

/// Closes of one service, one after the other, of which nothing is to be known: in a flood each SYN that comes makes one.
private struct UnheardRun {
  let service: UInt32
  var count: Int

  init() { (service, count) = (0, 0) }

  init(_ service: UInt32) { (self.service, count) = (service, 1) }

  /// - Returns: whether it is one of these.
  @inline(__always)
  mutating func count(_ service: UInt32) -> Bool {
    guard service == self.service else { return false }
    count &+= 1
    return true
  }
}
