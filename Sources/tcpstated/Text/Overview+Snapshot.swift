import CloseDiagnosis
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
    closeCause = snapshot.causes.whole.named
    timeWait = TimeWait(
      client: accounts.client[.timeWait],
      server: accounts.server[.timeWait],
      peakClient: accounts.peakTimeWaitClient,
      peakServer: accounts.peakTimeWaitServer
    )
    let causes = snapshot.causes.byService
    services = accounts.services.map { ServiceLine($0, causes[$0.service]?.counts ?? CauseCounts()) }
    handshakes = Handshakes(accounts.handshakes)
    lingering = accounts.lingering.map(LingeringLine.init)
    findings = snapshot.findings.map { finding in
      FindingLine(
        id: finding.id.rawValue,
        severity: finding.severity.rawValue,
        summary: finding.summary,
        advice: finding.advice
      )
    }
  }
}

extension ServiceLine {
  init(_ account: ServiceAccount, _ causes: CauseCounts) {
    address = account.service.address.description
    port = account.service.port
    connections = account.connections
    open = account.open
    timeWait = EndPair(client: account.client[.timeWait], server: account.server[.timeWait])
    closedFirst = account.closedFirst.named(\.name)
    owner = account.owner
    closeCause = causes.named
  }
}

extension Handshakes {
  init(_ counts: HandshakeCounts) {
    synRepeats = counts.synRepeats
    synAckRepeats = counts.synACKRepeats
    synAckRepeatsAfterAck = counts.synACKRepeatsAfterACK
    answeredLate = counts.answeredLate
    refused = counts.refused
    unreachable = counts.unreachable
    unanswered = counts.unanswered
  }
}

extension LingeringLine {
  init(_ account: LingeringAccount) {
    service = account.service.description
    end = account.role.name
    state = account.phase.name
    side = account.locality.map { "\($0)" }
    owner = account.owner
    count = account.count
    longestSeconds = account.longest.value
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

extension CauseCounts {
  fileprivate var named: [String: Int] {
    var counts: [String: Int] = [:]
    for cause in CloseCause.allCases where self[cause] != 0 { counts[cause.name] = self[cause] }
    return counts
  }
}

extension Counts {
  /// What there is, under the names that the API gives it; nil is `none`.
  fileprivate func named(_ name: (Key) -> String?) -> [String: Int] {
    var counts: [String: Int] = [:]
    for key in Key.allCases where self[key] != 0 { counts[name(key) ?? "none"] = self[key] }
    return counts
  }
}
