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
