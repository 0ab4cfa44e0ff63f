import Alerting
import ConnectionTracking
import Monitoring
import PacketDecoding
import StateAccounting
import Testing

@testable import tcpstated

@Suite struct AnalysisTextTests {
  /// 2026-11-21 01:00:00 UTC, and 123 s later.
  static let first = Timestamp(nanoseconds: 1_795_222_800_000_000_000)
  static let last = Timestamp(nanoseconds: 1_795_222_923_000_000_000)

  static func snapshot() throws -> Snapshot {
    var snapshot = Snapshot(time: last)
    snapshot.ingest.packets = 12_345
    snapshot.ingest.tcpPackets = 12_300
    snapshot.first = first
    snapshot.last = last
    snapshot.ingest.undecoded = ["truncated_tcp": 3, "malformed_ipv4": 40]
    snapshot.ingest.anomalies = ["syn_after_close": 2]
    snapshot.accounts.connections = 120
    snapshot.accounts.open = 2
    snapshot.accounts.closedFirst[.server] = 99
    snapshot.accounts.closedFirst[.client] = 1
    snapshot.accounts.closedFirst[.none] = 20
    snapshot.accounts.closeKind[.fin] = 100
    snapshot.accounts.closeKind[.refused] = 18
    snapshot.accounts.closeKind[.none] = 2
    snapshot.accounts.client[.established] = 2
    snapshot.accounts.server[.established] = 2
    snapshot.accounts.server[.timeWait] = 60
    snapshot.accounts.peakTimeWaitServer = 61
    let service = Endpoint(address: try #require(IPAddress("10.100.219.9")), port: 8081)
    var account = ServiceAccount(service: service)
    account.connections = 120
    account.open = 2
    account.closedFirst = snapshot.accounts.closedFirst
    account.server[.timeWait] = 60
    snapshot.accounts.services = [account]
    var peer = PeerAccount(address: try #require(IPAddress("10.1.2.3")), service: service)
    peer.connections = 120
    peer.open = 2
    peer.timeWaitServer = 60
    peer.closedFirst = snapshot.accounts.closedFirst
    for port: UInt16 in [40_001, 40_002] { peer.note(port: port) }
    peer.newPorts = 120
    snapshot.accounts.peers = [peer]
    return snapshot
  }

  @Test func answersWhoClosedFirst() throws {
    let snapshot = try Self.snapshot()
    var page = Page()
    page.add(
      AnalysisSummary(
        snapshot,
        files: ["a.pcap", "b.pcap"],
        filter: "dport 8081",
        damage: ["b.pcap: damaged at byte 100"]
      )
    )
    #expect(
      page.lines.joined(separator: "\n") == """
        Files         a.pcap
                      b.pcap
        Filter        dport 8081 (what follows is of these alone)
        Packets       12,345, 12,300 of them TCP
        Time          2026-11-21T01:00:00.000000Z to 2026-11-21T01:02:03.000000Z (2 min 3 s)
        Connections   120, 2 open at the end
        Closed first  server 99 (99 %), client 1 (1 %), simultaneous 0 (0 %), nobody 18
        Ended by      fin 100, refused 18
        TIME_WAIT     servers 60, clients 0
        Not decoded   malformed_ipv4 40, truncated_tcp 3
        Oddities      syn_after_close 2
        Truncated     b.pcap: damaged at byte 100

        States at the end
        STATE        CLIENTS  SERVERS
        ESTABLISHED        2        2
        TIME_WAIT          0       60

        Services
        SERVICE            CONNECTIONS  OPEN  CLOSED FIRST  SERVER TIME_WAIT  CLIENT TIME_WAIT  MAINLY WHY
        10.100.219.9:8081          120     2  server 99 %                 60                 0  -

        Clients
        CLIENT    SERVICE            CONNECTIONS  OPEN  TIME_WAIT  CLOSED FIRST  SOURCE PORTS
        10.1.2.3  10.100.219.9:8081          120     2         60  server 99 %   a new one each time: 40002 40001
        """
    )
  }

  @Test func answersForAFileWithoutPackets() {
    var page = Page()
    page.add(AnalysisSummary(Snapshot(time: Self.last), files: ["standard input"], filter: nil, damage: []))
    #expect(
      page.lines.joined(separator: "\n") == """
        File          standard input
        Packets       0, 0 of them TCP
        Time          no packets
        Connections   0, 0 open at the end
        Closed first  server 0, client 0, simultaneous 0
        Ended by      none yet
        TIME_WAIT     servers 0 (peak 0), clients 0 (peak 0)
        """
    )
  }
}
