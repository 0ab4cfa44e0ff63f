import Engine

extension Snapshot {
  /// The same file, counting these connections alone. Packets, oddities and the peaks stay those of the whole.
  func counting(_ connections: some Sequence<ConnectionView>) -> Snapshot {
    var ledger = Ledger()
    for connection in connections {
      _ = ledger.open(client: connection.client, server: connection.server, connection.standing)
    }
    var selection = self
    selection.accounts = ledger.accounts
    selection.accounts.peakTimeWaitClient = accounts.peakTimeWaitClient
    selection.accounts.peakTimeWaitServer = accounts.peakTimeWaitServer
    return selection
  }
}
