import ConnectionTracking
import StateAccounting

extension Accounts {
  /// All that openings and moves change, to be compared. (What describes a value leaves out all tables of fixed length.)
  var figures: [String] {
    let ends = Phase.allCases.map { phase in
      "\(phase) \(([client, server, local, remote, transit] + localByNamespace).map { $0[phase] })"
    }
    let whole =
      "\(connections) \(open) \(peakTimeWaitClient) \(peakTimeWaitServer) \(cells(closedFirst)) \(cells(closeKind))"
    return ends + services.map(\.figures) + peers.map(\.figures) + [whole]
  }
}

extension ServiceAccount {
  fileprivate var figures: String {
    let ends = Phase.allCases.map { [client[$0], server[$0]] }
    let closed = closed.map { "\($0)" }.sorted()
    return "\(connections) \(opened) \(open) \(ends) \(cells(closedFirst)) \(cells(closeKind)) \(closed)"
  }
}

extension PeerAccount {
  fileprivate var figures: String {
    let counts = [connections, newPorts, open, timeWaitClient, timeWaitServer, localHeld, localTimeWait]
    return "\(counts) \(recentPorts) \(localCloses) \(refused) \(unanswered) \(cells(closedFirst))"
  }
}

private func cells<Key>(_ counts: Counts<Key>) -> [Int] { Key.allCases.map { counts[$0] } }
