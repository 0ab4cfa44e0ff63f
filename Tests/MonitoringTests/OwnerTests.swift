import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Monitoring

/// Client and server as in `Traffic`; each test says which of them are local.
@Suite struct OwnerTests {
  private static let client = Traffic.client(40_000)
  private static let nginx: UInt16 = 1
  private static let curl: UInt16 = 2

  private static func traffic(local: [Endpoint], asks: Bool = true) -> Traffic {
    var traffic = Traffic()
    traffic.monitor.setLocalAddresses(LocalAddresses(addresses: Set(local.map(\.address)), networks: []))
    if asks { traffic.monitor.askForOwners() }
    traffic.monitor.setOwnerNames(["", "nginx.service", "cu\u{1B}rl.scope"])
    return traffic
  }

  @Test("A client is asked for at its SYN, a server when the handshake is through, and both but once")
  func asking() {
    var traffic = Self.traffic(local: [Self.client, Traffic.server])
    traffic.send(Self.client, Traffic.server, Traffic.syn, 100, 0)
    let first = traffic.monitor.takeUnowned(in: 0)
    #expect(first.map(\.role) == [.client])
    #expect(first.map(\.name) == [SocketName(local: Self.client, remote: Traffic.server)])
    traffic.send(Traffic.server, Self.client, Traffic.syn | Traffic.ack, 500, 101)
    #expect(traffic.monitor.takeUnowned(in: 0).isEmpty)
    traffic.send(Self.client, Traffic.server, Traffic.ack, 101, 501)
    let second = traffic.monitor.takeUnowned(in: 0)
    #expect(second.map(\.role) == [.server])
    #expect(second.map(\.isOlder) == [false])
    traffic.close(Self.client)
    #expect(traffic.monitor.takeUnowned(in: 0).isEmpty)
  }

  @Test("Picked up in the middle, both are asked for, and are older than what is known of listeners")
  func pickedUp() {
    var traffic = Self.traffic(local: [Self.client, Traffic.server])
    traffic.send(Self.client, Traffic.server, Traffic.ack, 101, 501)
    let ends = traffic.monitor.takeUnowned(in: 0)
    #expect(ends.map(\.role) == [.client, .server])
    #expect(ends.map(\.isOlder) == [true, true])
  }

  @Test("Nobody asks for ends elsewhere, or where nobody finds out")
  func notAsked() {
    for (local, asks) in [([], true), ([Traffic.server], false)] as [([Endpoint], Bool)] {
      var traffic = Self.traffic(local: local, asks: asks)
      traffic.open(Self.client)
      #expect(traffic.monitor.takeUnowned(in: 0).isEmpty)
      #expect(traffic.list(ConnectionQuery()).records.map(\.owner) == [nil])
    }
  }

  @Test("An owner is kept through TIME_WAIT, and goes with it")
  func timeWait() throws {
    var traffic = Self.traffic(local: [Traffic.server])
    traffic.open(Self.client)
    let end = try #require(traffic.monitor.takeUnowned(in: 0).first)
    traffic.monitor.noteOwner(Ownership(owner: Self.nginx, attribution: .exact), of: end)
    #expect(traffic.owners() == ["nginx.service: 1 seen, 1 open, 0 in TIME_WAIT"])
    traffic.close(Self.client)
    #expect(traffic.owners() == ["nginx.service: 1 seen, 0 open, 1 in TIME_WAIT"])
    #expect(
      traffic.list(ConnectionQuery()).records.map(\.owner)
        == [OwnerRecord(unit: "nginx.service", attribution: .exact)]
    )
    traffic.pass(seconds: 61)
    #expect(traffic.owners() == ["nginx.service: 1 seen, 0 open, 0 in TIME_WAIT"])
    #expect(traffic.monitor.snapshot(at: Timestamp(nanoseconds: 0)).accounts.services.map(\.owner) == ["nginx.service"])
  }

  @Test("Before anything is known, nobody holds it")
  func unknown() {
    var traffic = Self.traffic(local: [Traffic.server])
    traffic.open(Self.client)
    #expect(traffic.owners() == ["nobody: 1 seen, 1 open, 0 in TIME_WAIT"])
    #expect(
      traffic.list(ConnectionQuery()).records.map(\.owner) == [OwnerRecord(unit: nil, attribution: .none)]
    )
  }

  @Test("Of a connection within the host both ends have owners, whose names are harmless")
  func bothEnds() {
    var traffic = Self.traffic(local: [Self.client, Traffic.server])
    traffic.open(Self.client)
    for end in traffic.monitor.takeUnowned(in: 0) {
      let owner = end.role == .server ? Self.nginx : Self.curl
      traffic.monitor.noteOwner(Ownership(owner: owner, attribution: .exact), of: end)
    }
    let records = traffic.list(ConnectionQuery()).records
    #expect(records.map { $0.owner?.unit } == ["nginx.service"])
    #expect(records.map { $0.clientOwner?.unit } == ["cu\\u{1b}rl.scope"])
  }

  @Test(
    "A surer owner takes the place of another, and no other does",
    arguments: [
      (Attribution.listener, Attribution.exact, true), (.late, .listener, true), (.ambiguous, .late, true),
      (.exact, .listener, false), (.listener, .late, false), (.exact, .exact, false), (.listener, .none, false),
    ]
  )
  func surer(first: Attribution, second: Attribution, isTaken: Bool) throws {
    var traffic = Self.traffic(local: [Traffic.server])
    traffic.open(Self.client)
    let end = try #require(traffic.monitor.takeUnowned(in: 0).first)
    traffic.monitor.noteOwner(Ownership(owner: Self.nginx, attribution: first), of: end)
    traffic.monitor.noteOwner(Ownership(owner: Self.curl, attribution: second), of: end)
    let unit = isTaken ? "cu\\u{1b}rl.scope" : "nginx.service"
    #expect(traffic.list(ConnectionQuery()).records.map { $0.owner?.unit } == [unit])
    #expect(traffic.owners() == ["\(unit): 1 seen, 1 open, 0 in TIME_WAIT"])
  }

  @Test("A process is known through TIME_WAIT, by a name that does no harm, and not of the next with its addresses")
  func process() throws {
    var traffic = Self.traffic(local: [Traffic.server])
    traffic.open(Self.client)
    let end = try #require(traffic.monitor.takeUnowned(in: 0).first)
    traffic.monitor.noteProcess(pid: 7, command: "a\u{1b}[2J", of: end)
    traffic.close(Self.client)
    let process = SocketProcess(pid: 7, command: "a\\u{1b}[2J")
    #expect(traffic.list(ConnectionQuery()).records.map { $0.owner?.process } == [process])
    traffic.pass(seconds: 61)
    traffic.open(Self.client)
    traffic.monitor.noteProcess(pid: 8, command: "b", of: end)
    #expect(traffic.list(ConnectionQuery(limit: 1)).records.map { $0.owner?.process } == [nil])
  }

  @Test("An answer that comes when another connection has the same addresses is not for that one")
  func reusedAddresses() throws {
    var traffic = Self.traffic(local: [Traffic.server])
    traffic.open(Self.client)
    let end = try #require(traffic.monitor.takeUnowned(in: 0).first)
    traffic.close(Self.client)
    traffic.pass(seconds: 61)
    traffic.open(Self.client)
    traffic.monitor.noteOwner(Ownership(owner: Self.nginx, attribution: .exact), of: end)
    #expect(traffic.list(ConnectionQuery(limit: 1)).records.map { $0.owner?.unit } == [nil])
  }
}

extension Traffic {
  fileprivate mutating func owners() -> [String] {
    monitor.snapshot(at: Timestamp(nanoseconds: 0)).accounts.owners.map { owner in
      "\(owner.unit ?? "nobody"): \(owner.connections) seen, \(owner.open) open, \(owner.local[.timeWait]) in TIME_WAIT"
    }
  }
}
