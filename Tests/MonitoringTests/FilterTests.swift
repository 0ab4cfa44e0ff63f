import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// Each line: an expression, and whether it selects the connection under the heading.
@Suite struct FilterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var filter: String
    var matches: Bool
    var testDescription: String { "\(filter) -> \(matches)" }

    init(_ filter: String, _ matches: Bool) {
      self.filter = filter
      self.matches = matches
    }
  }

  /// 10.1.2.3:40000 called 10.100.219.9:8081, the server closed first and holds TIME_WAIT; the server is this host.
  static func closedByServer() throws -> ConnectionRecord {
    var record = ConnectionRecord(
      serial: 1,
      client: Endpoint(address: try #require(IPAddress("10.1.2.3")), port: 40000),
      server: Endpoint(address: try #require(IPAddress("10.100.219.9")), port: 8081)
    )
    record.clientPhase = .closed
    record.serverPhase = .timeWait
    record.closedFirst = .server
    record.closeKind = .fin
    record.connState = "SF"
    record.localSide = .server
    record.interface = "eth0"
    record.owner = OwnerRecord(unit: "nginx.service", attribution: .exact)
    return record
  }

  /// [2001:db8::7]:50000 has an established connection with [::1]:80; nobody said what is local.
  static func openOverIPv6() throws -> ConnectionRecord {
    var record = ConnectionRecord(
      serial: 2,
      client: Endpoint(address: try #require(IPAddress("2001:db8::7")), port: 50000),
      server: Endpoint(address: try #require(IPAddress("::1")), port: 80)
    )
    record.clientPhase = .established
    record.serverPhase = .established
    record.connState = "S1"
    return record
  }

  @Test(arguments: [
    // Nothing asked for.
    Case("", true), Case("   ", true), Case("state all", true),
    // States: of either end, by any of their names.
    Case("state time-wait", true), Case("state TIME_WAIT", true), Case("STATE Time-Wait", true),
    Case("state timewait", true), Case("state established", false), Case("state estab", false),
    Case("state FIN_WAIT1", false), Case("state connected", true), Case("state synchronized", true),
    Case("state bucket", true), Case("state big", false), Case("state open", false), Case("state closed", true),
    // Of one end.
    Case("state time-wait side server", true), Case("state time-wait side client", false),
    Case("state time-wait side local", true), Case("state time-wait side remote", false),
    Case("state time-wait side transit", false), Case("side server state time-wait", true),
    Case("side client state time-wait", false), Case("state all side local", true),
    Case("state all side transit", false), Case("state closed side local", true),
    Case("state connected side client", false),
    // Ports: dport is the server's, sport the client's.
    Case("dport = :8081", true), Case("dport 8081", true), Case("dport=:8081", true), Case("dport eq 8081", true),
    Case("dport :8082", false), Case("dport == :8081", true), Case("sport = :8081", false),
    Case("sport >= :1024", true),
    Case("sport>=:40001", false), Case("sport ge 40000", true), Case("sport gt 40000", false),
    Case("sport < :40001", true), Case("sport lt 40000", false), Case("sport <= 40000", true),
    Case("sport leq 39999", false),
    Case("sport > 39999", true), Case("dport != :8081", false), Case("dport ne 80", true), Case("port 8081", true),
    Case("port 40000", true), Case("port = :22", false), Case("port > 40000", false), Case("dst port 8081", true),
    Case("src port 8081", false),
    // Addresses.
    Case("dst 10.100.219.9:8081", true), Case("dst 10.100.219.9:8082", false), Case("dst 10.100.219.9", true),
    Case("dst = 10.100.219.9", true), Case("dst 10.1.2.3", false), Case("src 10.0.0.0/8", true),
    Case("src 10.1.2.0/24:40000", true), Case("src 10.1.3.0/24", false), Case("dst :8081", true),
    Case("dst *:8081", true),
    Case("dst *", true), Case("dst ::1", false), Case("dst [::1]:80", false), Case("host 10.1.2.3", true),
    Case("host 10.100.219.9", true), Case("host 10.1.2.4", false), Case("host 10.1.2.3:8081", false),
    Case("src host 10.1.2.3", true), Case("net 10.100.0.0/16", true), Case("net 192.168.0.0/16", false),
    Case("dst net 10.1.0.0/16", false), Case("client 10.1.2.3", true), Case("server 10.1.2.3", false),
    Case("server 10.100.219.9:8081", true), Case("service 10.100.219.9:8081", true),
    Case("client 10.1.2.3:40000", true),
    // How it ended.
    Case("closed-first server", true), Case("closed_first SERVER", true), Case("closed-first client", false),
    Case("closed-first simultaneous", false), Case("closed-first none", false), Case("closed-first = server", true),
    Case("cause none", true), Case("cause no_pool", false), Case("not cause no-pool", true), Case("kind fin", true),
    Case("kind rst", false), Case("kind none", false), Case("close_kind fin", true),
    Case("conn-state SF", true), Case("conn_state sf", true), Case("conn-state S1", false),
    Case("owner nginx.service", true), Case("owner = nginx", true), Case("unit NGINX", false),
    Case("owner none", false),
    Case("not owner redis", true),
    Case("interface eth0", true), Case("interface ETH0", false), Case("dev eth0", true), Case("interface lo", false),
    // Together.
    Case("state time-wait dport 8081", true), Case("state time-wait dport 80", false),
    Case("state time-wait and dport 8081", true), Case("dport 80 or dport 8081", true),
    Case("dport 80 || dport 443", false), Case("dport 80 or dport 443 or sport 40000", true),
    Case("not dport 80", true), Case("! dport 8081", false), Case("!dport 8081", false),
    Case("not not dport 8081", true),
    Case("kind rst and dport 80 or dport 8081", true), Case("kind rst and (dport 80 or dport 8081)", false),
    Case("kind rst (dport 80 or dport 8081)", false), Case("(kind fin)", true), Case("((kind fin)(sport 40000))", true),
    Case("not (dport 80 or dport 443) && kind fin", true), Case("not kind rst kind fin", true),
    Case("not kind fin or kind fin", true), Case("kind fin AND NOT kind rst", true),
  ])
  func selectsAConnectionClosedByTheServer(_ line: Case) throws {
    #expect(try ConnectionFilter(parsing: line.filter).matches(try Self.closedByServer()) == line.matches)
  }

  @Test(arguments: [
    Case("state open", true), Case("state closed", false), Case("state established", true),
    Case("state established side client", true), Case("state established side local", false),
    Case("state open side server", true), Case("kind none", true), Case("closed-first none", true),
    Case("dst [::1]:80", true), Case("dst ::1", true), Case("dst [::1]", true), Case("dst [::1]:81", false),
    Case("src 2001:db8::/32", true), Case("src [2001:db8::]/32", true), Case("src [2001:db8::]/32:50000", true),
    Case("src [2001:db8::]/32:50001", false), Case("src 2001:db9::/32", false), Case("net ::/0", true),
    Case("net 0.0.0.0/0", false), Case("host 2001:db8:0:0:0:0:0:7", true), Case("interface eth0", false),
    Case("owner none", true), Case("not owner none", false), Case("owner nginx", false),
  ])
  func selectsAnOpenConnection(_ line: Case) throws {
    #expect(try ConnectionFilter(parsing: line.filter).matches(try Self.openOverIPv6()) == line.matches)
  }

  @Test func everyStateHasItsNames() throws {
    let names: [Phase: [String]] = [
      .listen: ["listen", "LISTENING"], .synSent: ["syn-sent", "SYN_SENT"],
      .synReceived: ["syn-recv", "SYN_RECV", "SYN-RECEIVED", "SYN_RCVD"], .established: ["estab", "ESTABLISHED"],
      .finWait1: ["fin-wait-1", "FIN_WAIT_1", "FIN_WAIT1"], .finWait2: ["fin-wait-2", "FIN_WAIT2"],
      .closeWait: ["close-wait", "CLOSE_WAIT"], .closing: ["closing"], .lastAck: ["last-ack", "LAST_ACK"],
      .timeWait: ["time-wait", "TIME_WAIT"],
    ]
    for (phase, spellings) in names {
      for name in spellings { #expect(FilterState(name) == .phases([phase]), "\(name)") }
    }
    #expect(FilterState("closed") == .closed)
    #expect(Set(names.keys) == Set(Phase.allCases).subtracting([.closed]))
  }

  @Test func combinesWithoutNesting() throws {
    let port = try ConnectionFilter(parsing: "port 80")
    let both = ConnectionFilter.and(.and(.state(.open), port), .all)
    #expect(both == .every([.state(.open), port]))
    #expect(ConnectionFilter.and(both, both) == .every([.state(.open), port, .state(.open), port]))
    #expect(try ConnectionFilter(parsing: "state open port 80") == both)
  }
}
