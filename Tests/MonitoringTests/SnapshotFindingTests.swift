import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Monitoring

/// Findings of the host: ports, TIME_WAITs, handshakes, what waits too long.
@Suite struct SnapshotFindingTests {
  private static let service = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var expected: [String]
    var change: @Sendable (inout Snapshot) -> Void

    init(_ name: String, _ expected: [String], _ change: @escaping @Sendable (inout Snapshot) -> Void) {
      testDescription = name
      self.expected = expected
      self.change = change
    }
  }

  private static func live(_ snapshot: inout Snapshot) {
    var settings = KernelSettings()
    settings.maximumTimeWaitBuckets = 1000
    settings.ephemeralPorts = 32768...60999
    snapshot.settings = settings
  }

  private static func account(_ locality: Locality? = .local, _ change: (inout ServiceAccount) -> Void)
    -> ServiceAccount
  {
    var account = ServiceAccount(service: service, number: 1, locality: locality)
    account.connections = 50
    change(&account)
    return account
  }

  private static func lingering(_ phase: Phase, _ role: Role, _ locality: Locality?, _ count: Int) -> LingeringAccount {
    var account = LingeringAccount(service: service, role: role, phase: phase, locality: locality)
    account.count = count
    account.longest = Seconds(7200)
    return account
  }

  @Test(arguments: [
    Case("nothing", []) { _ in },
    Case("few TIME_WAITs", []) {
      live(&$0)
      $0.accounts.local[.timeWait] = 99
    },
    Case("TIME_WAITs and no port pressure", ["time-wait-harmless info"]) {
      live(&$0)
      $0.accounts.local[.timeWait] = 312
    },
    Case("half of the limit", ["time-wait-limit warning"]) {
      live(&$0)
      $0.accounts.local[.timeWait] = 500
    },
    Case("beyond the limit", ["time-wait-limit critical"]) {
      live(&$0)
      $0.increases["TcpExtTCPTimeWaitOverflow"] = 1
    },
    Case("TIME_WAITs in a file", ["time-wait-harmless info"]) { $0.accounts.server[.timeWait] = 312 },
    Case("a client in a file that runs short", []) {
      $0.accounts.client[.timeWait] = 20_000
      var peer = PeerAccount(address: service.address, service: service)
      peer.timeWaitClient = 20_000
      $0.accounts.peers = [peer]
    },
    Case("a third of the ports", ["ephemeral-ports-running-out warning"]) {
      live(&$0)
      var use = PortUse(address: service.address, destination: service)
      use.timeWait = 10_000
      $0.accounts.portUses = [use]
      $0.accounts.local[.timeWait] = 400
    },
    Case("a full listener", ["backlog-overflow warning"]) {
      live(&$0)
      $0.increases = ["TcpExtListenOverflows": 40, "TcpExtListenDrops": 41]
      $0.accounts.services = [account { $0.handshakes.synACKRepeatsAfterACK = 40 }]
    },
    Case("a listener of others that may be full", ["backlog-overflow info"]) {
      live(&$0)
      $0.accounts.services = [account(.remote) { $0.handshakes.synACKRepeatsAfterACK = 40 }]
    },
    Case("what the kernel would know", []) {
      live(&$0)
      $0.accounts.services = [account { $0.handshakes.synACKRepeatsAfterACK = 40 }]
    },
    Case("refused", ["connections-refused warning"]) {
      $0.accounts.services = [account(nil) { $0.handshakes.refused = 10 }]
    },
    Case("two refused", []) { $0.accounts.services = [account(nil) { $0.handshakes.refused = 2 }] },
    Case("unanswered and unreachable", ["handshakes-fail warning"]) {
      $0.accounts.services = [account(nil) { ($0.handshakes.unanswered, $0.handshakes.unreachable) = (6, 4) }]
    },
    Case("SYNs again", ["handshakes-fail info"]) {
      $0.accounts.services = [account(nil) { $0.handshakes.synRepeats = 10 }]
    },
    Case("a leak", ["close-wait-leak warning"]) {
      $0.accounts.lingering = [lingering(.finWait2, .client, .remote, 10), lingering(.closeWait, .server, .local, 10)]
    },
    Case("a leak of both ends' host", ["close-wait-leak info"]) {
      $0.accounts.lingering = [lingering(.finWait2, .client, .local, 9), lingering(.closeWait, .server, .local, 9)]
    },
    Case("a leak of the others", ["fin-wait-2-pile-up info"]) {
      $0.accounts.lingering = [lingering(.finWait2, .client, .local, 10), lingering(.closeWait, .server, .remote, 10)]
    },
    Case("a leak in a file", ["close-wait-leak critical"]) {
      $0.accounts.lingering = [lingering(.finWait2, .client, nil, 1000), lingering(.closeWait, .server, nil, 1000)]
    },
    Case("a flood", ["half-open-pile-up warning"]) {
      $0.accounts.lingering = [lingering(.synReceived, .server, .local, 100)]
    },
    Case("lost packets", ["figures-incomplete warning"]) { ($0.captured, $0.dropped) = (999, 1) },
    Case("one lost packet", []) { ($0.captured, $0.dropped) = (1000, 1) },
    Case("the worst first", ["close-wait-leak critical", "figures-incomplete warning", "close-wait-leak info"]) {
      $0.table.evicted = 1
      $0.accounts.lingering = [lingering(.closeWait, .client, nil, 9), lingering(.closeWait, .server, nil, 1000)]
    },
  ])
  func findings(example: Case) {
    var snapshot = Snapshot(time: nil)
    example.change(&snapshot)
    #expect(snapshot.findings.map { "\($0.id.rawValue) \($0.severity)" } == example.expected)
    #expect(snapshot.findings.allSatisfy { $0.summary.hasSuffix(".") && !$0.advice.isEmpty && !$0.evidence.isEmpty })
    #expect(snapshot.findings.allSatisfy { !$0.advice.contains("tcp_tw_recycle") })
  }

  @Test func aLeakIsToldWithItsOwnerAndAge() throws {
    var snapshot = Snapshot(time: nil)
    var leak = Self.lingering(.closeWait, .server, .local, 42)
    leak.owner = "billing.service"
    snapshot.accounts.lingering = [leak]
    #expect(
      snapshot.findings.first?.summary == """
        42 connections of this host's server at 10.0.0.1:80 (billing.service) have been in CLOSE_WAIT for more than 60 s, \
        the oldest for 2 h: the other end has closed, this one has not.
        """
    )
  }
}
