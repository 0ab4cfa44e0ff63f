import ConnectionTracking
import Monitoring
import PacketDecoding
import Reporting
import StateAccounting

extension Overview {
  init(_ snapshot: Snapshot) {
    let accounts = snapshot.accounts
    packets = snapshot.ingest.packets
    tcpPackets = snapshot.ingest.tcpPackets
    connections = accounts.connections
    open = accounts.open
    undecoded = snapshot.ingest.undecoded
    anomalies = snapshot.ingest.anomalies
    states = States(client: accounts.client.named(\.name), server: accounts.server.named(\.name))
    closedFirst = accounts.closedFirst.named(\.name)
    closeKind = accounts.closeKind.named(\.name)
    timeWait = TimeWait(
      client: accounts.client[.timeWait],
      server: accounts.server[.timeWait],
      peakClient: accounts.peakTimeWaitClient,
      peakServer: accounts.peakTimeWaitServer
    )
    services = accounts.services.map(ServiceLine.init)
  }
}

extension ServiceLine {
  init(_ account: ServiceAccount) {
    address = account.service.address.description
    port = account.service.port
    connections = account.connections
    open = account.open
    timeWait = EndPair(client: account.client[.timeWait], server: account.server[.timeWait])
    closedFirst = account.closedFirst.named(\.name)
    owner = account.owner
  }
}

extension PeerLine {
  init(_ account: PeerAccount) {
    address = account.address.description
    service = account.service.description
    connections = account.connections
    open = account.open
    timeWait = EndPair(client: account.timeWaitClient, server: account.timeWaitServer)
    closedFirst = account.closedFirst.named(\.name)
    recentPorts = account.recentPorts
    newPorts = account.newPorts
  }
}

// MARK: - Names

extension Counts {
  /// What there is, under the names that the API gives it; nil is `none`.
  fileprivate func named(_ name: (Key) -> String?) -> [String: Int] {
    var counts: [String: Int] = [:]
    for key in Key.allCases where self[key] != 0 { counts[name(key) ?? "none"] = self[key] }
    return counts
  }
}
