import ConnectionTracking
import Monitoring
import StateAccounting

/// What a trace holds: known to whoever wrote it, and to be found by whoever reads it.
struct Totals {
  var packets = 0
  var connections = 0
  var open = 0
  var closedFirstByClient = 0
  var closedFirstByServer = 0
  var closedTogether = 0
  var finished = 0
  var reset = 0
  var refused = 0
  /// At the last packet; traces are shorter than TIME_WAIT.
  var timeWaitClient = 0
  var timeWaitServer = 0

  var text: String {
    """
    packets \(packets)
    connections \(connections)
    open \(open)
    closed_first client \(closedFirstByClient) server \(closedFirstByServer) simultaneous \(closedTogether)
    close_kind fin \(finished) rst \(reset) refused \(refused)
    time_wait client \(timeWaitClient) server \(timeWaitServer)

    """
  }
}

extension Totals {
  init(_ snapshot: Snapshot) {
    let accounts = snapshot.accounts
    packets = snapshot.ingest.tcpPackets
    connections = accounts.connections
    open = accounts.open
    closedFirstByClient = accounts.closedFirst[.client]
    closedFirstByServer = accounts.closedFirst[.server]
    closedTogether = accounts.closedFirst[.simultaneous]
    finished = accounts.closeKind[.fin]
    reset = accounts.closeKind[.rst]
    refused = accounts.closeKind[.refused]
    timeWaitClient = accounts.client[.timeWait]
    timeWaitServer = accounts.server[.timeWait]
  }
}
