import Alerting
import CloseDiagnosis
import Monitoring
import PacketDecoding
import StateAccounting
import Testing

@testable import ConnectionTracking

/// One host's day: a service here whose server closes first, one elsewhere, and a connection of others.
enum Fixtures {
  static let here = Endpoint(address: IPAddress(ipv4: 0x0A64_DB09), port: 8081)
  static let client = Endpoint(address: IPAddress(ipv4: 0x0A01_0203), port: 40000)
  /// 2026-01-02T03:04:05.678901Z
  static let time = Timestamp(nanoseconds: 1_767_323_045_678_901_234)

  static func elsewhere() throws -> Endpoint {
    Endpoint(address: try #require(IPAddress("2001:db8::443")), port: 443)
  }

  static func standing(
    _ client: Phase,
    _ server: Phase,
    _ closedFirst: ClosedFirst,
    _ kind: CloseKind,
    _ side: LocalSide
  ) -> Standing {
    Standing(clientPhase: client, serverPhase: server, closedFirst: closedFirst, closeKind: kind, localSide: side)
  }

  /// Opens a connection and takes it to where it stands.
  static func post(_ ledger: inout Ledger, _ client: Endpoint, _ server: Endpoint, _ standing: Standing) {
    let open = Self.standing(.established, .established, .none, .none, standing.localSide)
    let key = ledger.open(client: client, server: server, open)
    ledger.move(key, from: open, to: standing)
  }

  static func ledger() throws -> Ledger {
    var ledger = Ledger()
    for port in UInt16(40000)..<40005 {
      let client = Endpoint(address: client.address, port: port)
      post(&ledger, client, here, standing(.closed, .timeWait, .server, .fin, .server))
    }
    post(&ledger, client, here, standing(.established, .established, .none, .none, .server))
    post(&ledger, client, here, standing(.closed, .closed, .client, .rst, .server))
    let caller = Endpoint(address: here.address, port: 50000)
    post(&ledger, caller, try elsewhere(), standing(.timeWait, .closed, .client, .fin, .client))
    post(&ledger, caller, try elsewhere(), standing(.closed, .closed, .none, .refused, .client))
    let stranger = Endpoint(address: IPAddress(ipv4: 0xC000_0209), port: 22)
    post(&ledger, client, stranger, standing(.timeWait, .timeWait, .simultaneous, .fin, .transit))
    ledger.samplePeaks()
    return ledger
  }

  static func snapshot() throws -> Snapshot {
    var snapshot = Snapshot(time: time)
    snapshot.ingest.packets = 123
    snapshot.ingest.tcpPackets = 120
    snapshot.ingest.duplicates = [0, 7]
    snapshot.ingest.undecoded = ["ipv4_truncated": 2, "ethernet_truncated": 1]
    snapshot.ingest.anomalies = ["time_jump": 1]
    snapshot.first = Timestamp(nanoseconds: 1_767_322_000_000_000_000)
    snapshot.last = Timestamp(nanoseconds: 1_767_323_045_000_000_000)
    snapshot.accounts = try ledger().accounts
    var owner = OwnerAccount(number: 1, unit: "nginx.service")
    (owner.connections, owner.open, owner.local[.timeWait]) = (7, 1, 5)
    snapshot.accounts.owners = [owner, OwnerAccount(number: 0)]
    snapshot.accounts.services[0].owner = "nginx.service"
    snapshot.accounts.handshakes = handshakes()
    snapshot.accounts.services[0].handshakes = handshakes()
    var leak = LingeringAccount(service: here, role: .server, phase: .closeWait, locality: .local, ownerNumber: 1)
    (leak.count, leak.owner, leak.longest) = (12, "nginx.service", Seconds(nanoseconds: 3_723_004_005_006))
    leak.samples = [.init(client: client, server: here, waited: leak.longest)]
    snapshot.accounts.lingering = [leak]
    snapshot.table.capacity = 500_000
    snapshot.table.used = 10
    snapshot.table.halfOpen = 1
    snapshot.table.evicted = 3
    snapshot.knowsLocal = true
    snapshot.alerts = [alert(.firing), alert(.resolved)]
    return snapshot
  }

  static func handshakes() -> HandshakeCounts {
    var counts = HandshakeCounts()
    (counts.synRepeats, counts.synACKRepeats, counts.synACKRepeatsAfterACK) = (9, 4, 2)
    (counts.answeredLate, counts.refused, counts.unreachable, counts.unanswered) = (1, 3, 5, 7)
    return counts
  }

  static func live() -> LiveStatus {
    var live = LiveStatus(version: "1.2.3", host: "web\u{1}-1", uptime: Seconds(nanoseconds: 61_500_000_000))
    live.ready = true
    live.interfaces = [
      InterfaceStatus(name: "lo", received: 10, dropped: 0, filter: "tcp", tier: "full", capturing: true),
      InterfaceStatus(name: "eth0\"\\\r\n", received: 1000, dropped: 5, filter: "tcp", tier: "full", capturing: false),
    ]
    live.alertRules = [AlertRule(name: "close-wait", metric: .closeWait, raise: 100), .timeWait]
    live.silences = [silence]
    live.deliveries = [DeliveryStatus(kind: "alertmanager", name: "127.0.0.1:9093"), pager]
    return live
  }

  private static var pager: DeliveryStatus {
    var pager = DeliveryStatus(kind: "webhook", name: "pager")
    (pager.waiting, pager.delivered, pager.failed, pager.dropped) = (2, 40, 7, 1)
    pager.lastError = "HTTP 500"
    return pager
  }

  private static var silence: Silence {
    Silence(
      id: "5c1e07d2",
      matchers: [try? SilenceMatcher(parsing: "rule=time-wait"), try? SilenceMatcher(parsing: "unit!~ngi\u{1b}nx*")]
        .compactMap { $0 },
      comment: "release\u{202e} 12",
      createdAt: Timestamp(nanoseconds: 1_795_231_120_000_000_000),
      endsAt: Timestamp(nanoseconds: 1_795_234_720_000_000_000)
    )
  }

  static func alert(_ state: AlertStatus.State) -> AlertStatus {
    var evidence = AlertEvidence()
    evidence.services = [.init(subject: here, count: 312)]
    evidence.peers = [.init(subject: client.address, count: 300)]
    evidence.closedFirst[.server] = 400
    evidence.owners = [.init(subject: "nginx.service", count: 298)]
    evidence.owner = "nginx.service"
    evidence.exchangesPerConnection = 1.5
    evidence.trend = [.init(before: Seconds(10), value: 290)]
    let (summary, advice) = ("The client keeps them longer.", "Let the client give up first.")
    evidence.findings = [Finding(.keepAliveMismatch, .info, summary: summary, advice: advice, evidence: [])]
    evidence.samples = [
      AlertSample(
        client: client,
        server: here,
        clientPhase: .closed,
        serverPhase: .timeWait,
        start: time,
        closedFirst: .server
      )
    ]
    return AlertStatus(
      id: "1f",
      name: "time-wait",
      state: state,
      severity: .warning,
      labels: [Label(name: "host", value: "web-1"), Label(name: "side", value: "local")],
      value: 312,
      raise: 300,
      clear: 240.5,
      since: time,
      firedAt: Timestamp(nanoseconds: time.nanoseconds + 5_000_000_000),
      resolvedAt: state == .resolved ? Timestamp(nanoseconds: time.nanoseconds + 65_000_000_000) : nil,
      summary: "312 ends in TIME_WAIT; \"quoted\" <b>",
      evidence: evidence,
      metric: "time_wait"
    )
  }

  static func records() throws -> [ConnectionRecord] {
    var closed = ConnectionRecord(serial: 9, client: client, server: here)
    closed.start = time
    closed.end = Timestamp(nanoseconds: time.nanoseconds + 1_234_567_890)
    closed.serverPhase = .timeWait
    closed.connState = "SF"
    closed.history = "ShAFaf"
    closed.closedFirst = .server
    closed.closeKind = .fin
    closed.serverHeldTimeWait = true
    closed.timeWaitRemaining = Seconds(nanoseconds: 12_250_000_000)
    closed.clientCounters.packets = 4
    closed.serverCounters.bytes = 5_000_000_000
    closed.serverCounters.retransmits = 1
    closed.localSide = .server
    closed.interface = "eth0"
    closed.owner = OwnerRecord(unit: "nginx.service", attribution: .listener)
    var seeded = ConnectionRecord(
      serial: 3,
      client: Endpoint(address: here.address, port: 50000),
      server: try elsewhere()
    )
    seeded.rolesObserved = false
    seeded.clientPhase = .established
    seeded.serverPhase = .established
    seeded.fromKernel = true
    seeded.localSide = .client
    seeded.owner = OwnerRecord(unit: nil, attribution: .none)
    var evicted = ConnectionRecord(serial: 2, client: client, server: here)
    evicted.start = time
    evicted.end = time
    evicted.closeKind = .expired
    evicted.evicted = true
    evicted.clientHeldTimeWait = true
    evicted.serverHeldTimeWait = true
    return [closed, seeded, evicted]
  }
}

extension Fixtures {
  static func endpoints(_ first: String, _ port: UInt16, _ second: String, _ other: UInt16) -> (Endpoint, Endpoint)? {
    guard let first = IPAddress(first), let second = IPAddress(second) else { return nil }
    return (Endpoint(address: first, port: port), Endpoint(address: second, port: other))
  }
}
