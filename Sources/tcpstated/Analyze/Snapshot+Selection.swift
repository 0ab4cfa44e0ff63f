import ConnectionTracking
import Monitoring
import StateAccounting

extension Snapshot {
  /// The same file, counting these connections alone. Packets, oddities and the peaks stay those of the whole.
  func counting(_ connections: some Sequence<ConnectionView>) -> Snapshot {
    var ledger = Ledger()
    var exchanges = 0
    for connection in connections {
      let account = ledger.open(client: connection.client, server: connection.server, connection.standing)
      if connection.standing.closeKind != .none { ledger.end(connection, at: account) }
      exchanges += Int(connection.conversation.exchanges ?? 0)
    }
    var selection = self
    selection.accounts = ledger.accounts
    selection.exchanges = exchanges
    selection.accounts.peakTimeWaitClient = accounts.peakTimeWaitClient
    selection.accounts.peakTimeWaitServer = accounts.peakTimeWaitServer
    return selection
  }
}
