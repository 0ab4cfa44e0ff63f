import CloseDiagnosis
import ConnectionTracking
import Monitoring
import StateAccounting

/// The figures of chosen connections.
struct SelectedFigures {
  private var ledger = Ledger()
  private var causes = CauseReport()
  private var exchanges = 0
  /// Whose causes are asked for when all are decided.
  private var closed: [(serial: UInt64, service: UInt32)] = []

  mutating func add(_ connection: ConnectionView) {
    let account = ledger.open(client: connection.client, server: connection.server, connection.standing)
    causes.name(account.service, connection.server)
    exchanges += Int(connection.conversation.exchanges ?? 0)
    guard connection.standing.closeKind != .none else { return }
    ledger.end(connection, at: account)
    closed.append((connection.detail.serial, account.service))
  }

  mutating func settle(_ cause: (UInt64) -> CloseCause?) {
    for (serial, service) in closed {
      if let cause = cause(serial) { causes.count(cause, service) }
    }
    closed = []
  }

  /// The same file, counting these connections alone. Packets, oddities and the peaks stay those of the whole.
  func replacing(those whole: Snapshot) -> Snapshot {
    var snapshot = whole
    snapshot.accounts = ledger.accounts
    snapshot.causes = causes
    snapshot.exchanges = exchanges
    snapshot.accounts.peakTimeWaitClient = whole.accounts.peakTimeWaitClient
    snapshot.accounts.peakTimeWaitServer = whole.accounts.peakTimeWaitServer
    return snapshot
  }
}
