internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// How long connections stay listed that have ended.
package enum ClosedRetention: Sendable {
  /// A file: every one is wanted, once.
  case all
  case within(Seconds, count: Int)

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
  private(set) var retained: [Ended] = []
  private let retention: ClosedRetention
  /// The most recent engine time that was heard of.
  var now = Instant(nanoseconds: 0)
  /// Where the oldest retained one stands: what comes before it is forgotten, and removed now and then.
  private var forgotten = 0

  struct Ended: Sendable {
    var connection: ConnectionView
    var at: Instant
  }

  init(retention: ClosedRetention) {
    self.retention = retention
    diagnosis = Diagnosis(keepsVerdicts: retention.keepsAny)
  }

  mutating func opened(_ connection: ConnectionView) -> AccountKey {
    let account = ledger.open(client: connection.client, server: connection.server, connection.standing)
    diagnosis.open(account, server: connection.server, at: now)
    return account
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    ledger.move(account, from: from, to: to)
  }

  mutating func ended(_ connection: ConnectionView) {
    ledger.end(connection, at: connection.detail.account)
    diagnosis.end(CloseFacts(connection, at: now))
  }

  func siblings(_ account: AccountKey) -> Int {
    // The one that asks is among them.
    max(ledger.openCount(account) - 1, 0)
  }

  mutating func reused(_ account: AccountKey) {
    diagnosis.noteReuse(account)
  }

  mutating func left(_ connection: ConnectionView) {
    retained.append(Ended(connection: connection, at: now))
    if case .within(_, let count) = retention, retained.count > 2 * max(count, 1) {
      drop(retained.count - count)
    }
  }

  private mutating func drop(_ count: Int) {
    for ended in retained.prefix(count) { diagnosis.forget(ended.connection.detail.serial) }
    retained.removeFirst(count)
  }

  mutating func forget(before now: Instant) {
    self.now = now
    diagnosis.decide(at: now)
    guard case .within(let span, let count) = retention else { return }
    let expired = retained.firstIndex { now - $0.at < span } ?? retained.count
    let surplus = max(retained.count - count, expired)
    if surplus > 0 { drop(surplus) }
  }

  mutating func takeEnded() -> [ConnectionView] {
    defer { retained.removeAll(keepingCapacity: true) }
    return retained.map(\.connection)
  }
}
