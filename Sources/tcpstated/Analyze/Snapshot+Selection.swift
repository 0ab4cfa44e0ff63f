import CloseDiagnosis
import ConnectionTracking
import Monitoring
import StateAccounting

extension Snapshot {
  /// The same file, counting these connections alone. Packets, oddities and the peaks stay those of the whole.
  func counting(_ connections: some Sequence<(connection: ConnectionView, verdict: CauseVerdict?)>) -> Snapshot {
    var ledger = Ledger()
    var causes = CauseReport()
    var exchanges = 0
    for (connection, verdict) in connections {
      let account = ledger.open(client: connection.client, server: connection.server, connection.standing)
      if connection.standing.closeKind != .none { ledger.end(connection, at: account) }
      causes.name(account.service, connection.server)
      if let verdict { causes.count(verdict.cause, account.service) }
      exchanges += Int(connection.conversation.exchanges ?? 0)
    }
    var selection = self
    selection.accounts = ledger.accounts
    selection.causes = causes
    selection.exchanges = exchanges
    selection.accounts.peakTimeWaitClient = accounts.peakTimeWaitClient
    selection.accounts.peakTimeWaitServer = accounts.peakTimeWaitServer
    return selection
  }
}
