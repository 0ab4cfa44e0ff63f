internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// How long connections stay listed that have ended.
package enum ClosedRetention: Sendable {
  /// A file: every one is wanted, once.
  case all
  case within(Seconds, count: Int)

  /// Every one is wanted.
  package var keepsAll: Bool {
    switch self {
    case .all: true
    case .within: false
    }
  }

  /// How many are kept at most.
  var count: Int {
    switch self {
    case .all: .max
    case .within(_, let count): count
    }
  }

  /// Whether connections that ended can be asked for.
  var keepsAny: Bool {
    switch self {
    case .all: true
    case .within(_, let count): count > 0
    }
  }
}

/// What hears of the tracker's changes: the ledger, and the list of those that ended.
struct Books: ~Copyable, ConnectionObserver {
  var ledger: Ledger
  var diagnosis: Diagnosis
  /// For those who take each closed connection once.
  var awaited = AwaitedCloses()
  private let retention: ClosedRetention
  /// Of those connections that are in the table or retained, by serial number.
  var processes: [UInt64: SocketProcesses] = [:]
  /// The most recent engine time that was heard of.
  var now = Instant(nanoseconds: 0)
  /// Bounded, and for a file all of them until they are taken.
  private var retained: RetainedCloses

  init(retention: ClosedRetention, limits: Ledger.Limits = Ledger.Limits(), awaitedCauses: Int = 65_536) {
    self.retention = retention
    ledger = Ledger(limits: limits)
    diagnosis = Diagnosis(keepsVerdicts: retention.keepsAny, awaited: awaitedCauses)
    retained = RetainedCloses(limit: retention.count)
  }

  mutating func note(_ now: Instant) { self.now = now }

  // Mutating, as the next: for what is not, books that are being changed are copied.
  mutating func expect(peer number: UInt32) {
    ledger.peers.prefetch(Int(number))
    diagnosis.peers.values.prefetch(Int(number))
  }

  mutating func expectEnd(of serial: UInt64) { diagnosis.expectEnd(of: serial) }

  mutating func expect(client: Endpoint, server: Endpoint) -> UInt64 {
    ledger.expect(client: client.address, server: server)
  }

  mutating func expect(_ ends: RequestEnds) -> UInt64 { ledger.expect(ends) }

  mutating func expectOpening(_ hint: UInt64) {
    if let peer = ledger.expectOpening(hint) { diagnosis.peers.values.prefetch(Int(peer)) }
  }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    let account = ledger.open(client: client, server: server, namespace: namespace, standing)
    diagnosis.open(account, server: server, at: now)
    return account
  }

  mutating func requested(_ ends: RequestEnds, _ side: LocalSide, at now: Instant) -> AccountKey {
    self.now = now
    let account = ledger.request(ends, side)
    diagnosis.open(account, ends, at: now)
    return account
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    ledger.move(account, from: from, to: to)
    followChanges()
  }

  mutating func took(_ step: RegularStep, _ account: AccountKey, _ side: LocalSide, at now: Instant) -> Int {
    self.now = now
    let siblings = ledger.take(step, account, side)
    return siblings < 0 ? follow(~siblings) : siblings
  }

  mutating func answered(
    _ account: AccountKey,
    client: Endpoint,
    server: Endpoint,
    _ standing: Standing
  ) -> AccountKey {
    let own = ledger.answered(account, client: client, server: server, standing)
    diagnosis.open(own, server: server, at: now)
    return own
  }

  /// Accounts that were quiet make way; of a file, all are wanted.
  mutating func giveBackQuiet() {
    guard !retention.keepsAll else { return }
    ledger.giveBackQuiet()
    followChanges()
  }

  @inline(never)
  private mutating func follow(_ siblings: Int) -> Int {
    follow()
    return siblings
  }

  @inline(__always)
  private mutating func followChanges() {
    if !ledger.changes.isEmpty { follow() }
  }

  @inline(never)
  private mutating func follow() {
    for change in ledger.changes {
      switch change {
      case .labelled(let service): diagnosis.keepPast(of: service)
      case .released(let service): diagnosis.release(service: service)
      case .releasedPeer(let peer): diagnosis.release(peer: peer)
      }
    }
    ledger.changes.removeAll(keepingCapacity: true)
  }

  mutating func ended(_ connection: ConnectionView) { ended(connection.ended) { connection } }

  mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView) {
    if awaited.isOn { awaitCause(copy) }
    ended(connection)
  }

  @inline(never)
  private mutating func awaitCause(_ copy: () -> ConnectionView) { awaited.end(copy(), at: now) }

  /// The same where nobody takes each closed connection once.
  @inline(__always)
  mutating func ended(_ connection: EndedConnection) {
    ledger.end(connection, at: connection.service)
    diagnosis.end(connection, at: now)
  }

  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool {
    if isUnanswered { ledger.noteUnanswered(account) }
    diagnosis.endUnheard(serial, service: account.service)
    return true
  }

  mutating func ranOut(_ account: AccountKey, serial: UInt64, _ side: LocalSide, isUnanswered: Bool) -> Bool {
    guard !hearsOfLeaving else { return false }
    ledger.runOut(account, side)
    if isUnanswered { ledger.noteUnanswered(account) }
    diagnosis.endUnheard(serial, service: account.service)
    return true
  }

  mutating func requested(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide,
    formerSerial: UInt64,
    at now: Instant
  ) -> AccountKey? {
    guard !hearsOfLeaving else { return nil }
    self.now = now
    let account = ledger.request(ends, side, inPlaceOf: former, formerSide)
    diagnosis.open(account, ends, at: now, inPlaceOf: formerSerial, service: former.service)
    return account
  }

  mutating func requested(_ run: inout MutableSpan<FloodRequest>, _ count: Int, _ side: LocalSide) -> Bool {
    guard !hearsOfLeaving else { return false }
    diagnosis.countUnheard(&run, count)
    ledger.request(&run, count, side)
    diagnosis.open(&run, count)
    now = run[count - 1].now
    return true
  }

  mutating func owned(_ account: AccountKey, before: AccountKey, _ standing: Standing) {
    ledger.own(account, before: before, standing)
    followChanges()
  }

  mutating func siblings(_ account: AccountKey) -> Int { ledger.siblings(account) }

  mutating func reused(_ account: AccountKey) {
    diagnosis.noteReuse(account)
    ledger.prove(account)
    followChanges()
  }

  var hearsOfLeaving: Bool { retention.keepsAny || awaited.isOn }

  mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent) {
    ledger.handshake(account, event)
  }

  mutating func left(_ connection: ConnectionView) {
    if awaited.isOn { awaited.leave(connection) }
    guard retention.keepsAny else { return }
    if let oldest = retained.add(connection, at: now) { forget(oldest) }
  }

  mutating func forget(before now: Instant) {
    self.now = now
    diagnosis.decide(at: now)
    guard case .within(let span, _) = retention else { return }
    while let oldest = retained.oldest, now - oldest >= span {
      if let connection = retained.removeFirst() { forget(connection) }
    }
  }

  private mutating func forget(_ connection: ConnectionView) {
    diagnosis.forget(connection.detail.serial)
    if !processes.isEmpty { processes.removeValue(forKey: connection.detail.serial) }
  }

  mutating func takeEnded() -> [ConnectionView] { retained.takeAll() }

  /// Numbers of those that ended and are kept: each has its own as long as the daemon runs.
  var ended: Range<Int> { retained.numbers }

  func connection(ended number: Int) -> ConnectionView? { retained.connection(number) }
}
