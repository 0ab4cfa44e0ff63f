import ConnectionTracking
import Monitoring
import PacketDecoding
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
    states = States(client: accounts.client.byName, server: accounts.server.byName)
    closedFirst = accounts.closedFirst.byName
    closeKind = accounts.closeKind.byName
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
    closedFirst = account.closedFirst.byName
  }
}

extension PeerLine {
  init(_ account: PeerAccount) {
    address = account.address.description
    serviceAddress = account.service.address.description
    servicePort = account.service.port
    connections = account.connections
    open = account.open
    timeWait = EndPair(client: account.timeWaitClient, server: account.timeWaitServer)
    closedFirst = account.closedFirst.byName
    recentPorts = account.recentPorts
    newPorts = account.newPorts
  }
}

// MARK: - Names

/// A case under the name that the API gives it.
private protocol APINamed {
  var apiName: String { get }
}

extension Counts where Key: APINamed {
  /// What there is, by name.
  fileprivate var byName: [String: Int] {
    var counts: [String: Int] = [:]
    for key in Key.allCases where self[key] != 0 { counts[key.apiName] = self[key] }
    return counts
  }
}

extension ClosedFirst: APINamed {
  fileprivate var apiName: String { "\(self)" }
}

extension CloseKind: APINamed {
  fileprivate var apiName: String { "\(self)" }
}

extension Phase: APINamed {
  fileprivate var apiName: String {
    switch self {
    case .closed: "CLOSED"
    case .listen: "LISTEN"
    case .synSent: "SYN_SENT"
    case .synReceived: "SYN_RECEIVED"
    case .established: "ESTABLISHED"
    case .finWait1: "FIN_WAIT_1"
    case .finWait2: "FIN_WAIT_2"
    case .closeWait: "CLOSE_WAIT"
    case .closing: "CLOSING"
    case .lastAck: "LAST_ACK"
    case .timeWait: "TIME_WAIT"
    }
  }
}
