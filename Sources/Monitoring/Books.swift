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

  /// Whether connections that ended can be asked for.
  var keepsAny: Bool {
    switch self {
    case .all: true
    case .within(_, let count): count > 0
    }
  }
}

/// What hears of the tracker's changes: the ledger, and the list of those that ended.
struct Books: ConnectionObserver {
  var ledger = Ledger()
  var diagnosis: Diagnosis
  /// For those who take each closed connection once.
  var awaited = AwaitedCloses()
  private let retention: ClosedRetention
  /// Of those connections that are in the table or retained, by serial number.
  var processes: [UInt64: SocketProcesses] = [:]
  /// The most recent engine time that was heard of.
  var now = Instant(nanoseconds: 0)
  /// In the order of their end. The first `forgotten` of them are only there until it pays to remove them.
  private var retained: [Ended] = []
  private var forgotten = 0
  /// How many came before `retained`.
  private var removed = 0

  private struct Ended: Sendable {
    var connection: ConnectionView
    var at: Instant
  }

  init(retention: ClosedRetention) {
    self.retention = retention
    diagnosis = Diagnosis(keepsVerdicts: retention.keepsAny)
  }

  mutating func note(_ now: Instant) { self.now = now }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    let account = ledger.open(client: client, server: server, namespace: namespace, standing)
    diagnosis.open(account, server: server, at: now)
    return account
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    ledger.move(account, from: from, to: to)
  }

  mutating func ended(_ connection: ConnectionView) {
    ledger.end(connection, at: connection.detail.account)
    if awaited.isOn { awaited.end(connection, at: now) }
    diagnosis.end(CloseFacts(connection, at: now))
  }

  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool {
    if isUnanswered { ledger.noteUnanswered(account) }
    diagnosis.endUnheard(serial, service: account.service)
    return true
  }

  mutating func owned(_ account: AccountKey, before: AccountKey, _ standing: Standing) {
    ledger.own(account, before: before, standing)
  }

  mutating func siblings(_ account: AccountKey) -> Int {
    // The one that asks is among them.
    max(ledger.openCount(account) - 1, 0)
  }

  mutating func reused(_ account: AccountKey) {
    diagnosis.noteReuse(account)
  }

  var hearsOfLeaving: Bool { retention.keepsAny || awaited.isOn }

  mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent) {
    ledger.handshake(account, event)
  }

  mutating func left(_ connection: ConnectionView) {
    if awaited.isOn { awaited.leave(connection) }
    guard retention.keepsAny else { return }
    retained.append(Ended(connection: connection, at: now))
    if case .within(_, let count) = retention { keep(atMost: 2 * max(count, 1)) }
  }

  mutating func forget(before now: Instant) {
    self.now = now
    diagnosis.decide(at: now)
    guard case .within(let span, let count) = retention else { return }
    while forgotten < retained.count, now - retained[forgotten].at >= span { forgotten += 1 }
    keep(atMost: count)
  }

  private mutating func keep(atMost count: Int) {
    forgotten = max(forgotten, retained.count - count)
    // Moving the rest up costs as much as has been forgotten at least.
    guard forgotten > retained.count / 2 else { return }
    for ended in retained.prefix(forgotten) {
      diagnosis.forget(ended.connection.detail.serial)
      if !processes.isEmpty { processes.removeValue(forKey: ended.connection.detail.serial) }
    }
    retained.removeFirst(forgotten)
    removed += forgotten
    forgotten = 0
  }

  mutating func takeEnded() -> [ConnectionView] {
    defer {
      removed += retained.count
      forgotten = 0
      retained.removeAll(keepingCapacity: true)
    }
    return retained[forgotten...].map(\.connection)
  }

  /// Numbers of those that ended and are kept: each has its own as long as the daemon runs.
  var ended: Range<Int> { (removed + forgotten)..<(removed + retained.count) }

  func connection(ended number: Int) -> ConnectionView { retained[number - removed].connection }
}
