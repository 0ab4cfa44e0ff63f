import ConnectionTracking
import PacketDecoding
import StateAccounting

extension Accounts {
  /// Events since start. The totals know no sides: those are the sum of the services.
  func events(_ event: AlertMetric.Event, side: AlertRule.Side) -> Int {
    guard side == .any else { return services.reduce(0) { $0 + $1.events(event, side: side) } }
    return switch event {
    case .open: connections
    case .close: closedFirst[.client] + closedFirst[.server] + closedFirst[.simultaneous]
    case .reset: closeKind[.rst]
    case .refusal: closeKind[.refused]
    case .reuseRace: 0
    }
  }
}

extension ServiceAccount {
  /// Events since start, counted for the end that does them.
  func events(_ event: AlertMetric.Event, side: AlertRule.Side) -> Int {
    switch event {
    case .open: side.includes(.client, of: locality) ? connections : 0
    case .refusal: side.includes(.server, of: locality) ? closeKind[.refused] : 0
    case .close: side.closes(closedFirst, of: locality)
    case .reset: side == .any ? closeKind[.rst] : side.closes(resetsByCloser, of: locality)
    case .reuseRace: 0
    }
  }

  private var resetsByCloser: Counts<ClosedFirst> {
    var counts = Counts<ClosedFirst>()
    for closer in ClosedFirst.allCases { counts[closer] = closed[CloseVerdict(closedFirst: closer, kind: .rst)] ?? 0 }
    return counts
  }
}

extension PeerAccount {
  /// Events since it was listed, counted for the end that does them; nil for what is not kept per peer.
  func events(_ event: AlertMetric.Event, side: AlertRule.Side, of locality: Locality?) -> Int? {
    switch event {
    case .open: side.includes(.client, of: locality) ? connections : 0
    case .close: side.closes(closedFirst, of: locality)
    case .reset, .refusal, .reuseRace: nil
    }
  }

  func timeWait(side: AlertRule.Side, of locality: Locality?) -> Int {
    (side.includes(.client, of: locality) ? timeWaitClient : 0)
      + (side.includes(.server, of: locality) ? timeWaitServer : 0)
  }
}

extension AlertRule.Side {
  /// Closes by ends that count. One that both ends began counts once, and only where both ends do.
  func closes(_ counts: Counts<ClosedFirst>, of locality: Locality?) -> Int {
    let client = includes(.client, of: locality)
    let server = includes(.server, of: locality)
    return (client ? counts[.client] : 0) + (server ? counts[.server] : 0)
      + (client && server ? counts[.simultaneous] : 0)
  }
}
