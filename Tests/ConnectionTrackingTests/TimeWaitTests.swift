import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What a segment does to a TIME_WAIT that the client holds, on Linux (tcp_timewait_state_process). Each comes 10 s after the
/// final ACK; the server's last number is 2, the client's too.
struct TimeWaitCase: CustomTestStringConvertible, Sendable {
  enum Result: Equatable {
    case renewed, stays, gone, opensAnother
  }

  var name: String
  var segment: String
  var result: Result
  var timestamps = false

  var testDescription: String { name }

  static let all: [TimeWaitCase] = [
    TimeWaitCase(name: "pure ACK", segment: "< . 2:2(0) ack 2", result: .renewed),
    TimeWaitCase(name: "pure ACK of something else", segment: "< . 2:2(0) ack 1", result: .renewed),
    TimeWaitCase(name: "no flags", segment: "< . 2:2(0)", result: .renewed),
    TimeWaitCase(name: "FIN again", segment: "< F 1:1(0) ack 2", result: .renewed),
    TimeWaitCase(name: "ACK below", segment: "< . 1:1(0) ack 2", result: .renewed),
    TimeWaitCase(name: "ACK above the window", segment: "< . 900002:900002(0) ack 2", result: .renewed),
    TimeWaitCase(name: "new data", segment: "< P 2:12(10) ack 2", result: .renewed),
    TimeWaitCase(name: "SYN-ACK", segment: "< S 0:0(0) ack 1", result: .renewed),
    TimeWaitCase(name: "SYN-ACK with another number", segment: "< S 700:700(0) ack 1", result: .renewed),
    TimeWaitCase(name: "FIN without ACK", segment: "< F 1:1(0)", result: .stays),
    TimeWaitCase(name: "our answer to something", segment: "> . 2:2(0) ack 2", result: .stays),
    TimeWaitCase(name: "RST at the edge", segment: "< R 2:2(0)", result: .gone),
    TimeWaitCase(name: "RST below", segment: "< R 1:1(0)", result: .stays),
    TimeWaitCase(name: "RST above", segment: "< R 3:3(0)", result: .stays),
    TimeWaitCase(name: "SYN at the edge", segment: "< S 2:2(0)", result: .stays),
    TimeWaitCase(name: "SYN below", segment: "< S 1:1(0)", result: .stays),
    TimeWaitCase(name: "SYN above", segment: "< S 3:3(0)", result: .opensAnother),
    TimeWaitCase(
      name: "SYN below, newer timestamp",
      segment: "< S 1:1(0) ts 201",
      result: .opensAnother,
      timestamps: true
    ),
    TimeWaitCase(
      name: "SYN above, same timestamp",
      segment: "< S 3:3(0) ts 200",
      result: .opensAnother,
      timestamps: true
    ),
    TimeWaitCase(name: "SYN below, same timestamp", segment: "< S 1:1(0) ts 200", result: .stays, timestamps: true),
    TimeWaitCase(name: "SYN above, older timestamp", segment: "< S 3:3(0) ts 199", result: .renewed, timestamps: true),
    TimeWaitCase(name: "SYN below, older timestamp", segment: "< S 1:1(0) ts 199", result: .renewed, timestamps: true),
    TimeWaitCase(name: "the holder connects again", segment: "> S 900:900(0)", result: .opensAnother),
  ]

  static let close = """
    +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
    +0.01 <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
    +0.01 >  . 2:2(0) ack 2           TIME_WAIT CLOSED

    """
  static let stampedClose = """
    +0    >  S 0:0(0) ts 100          SYN_SENT LISTEN
    +0.01 <  S 0:0(0) ack 1 ts 200    ESTABLISHED SYN_RECEIVED
    +0.01 >  . 1:1(0) ack 1 ts 100    ESTABLISHED ESTABLISHED
    +0.1  >  F 1:1(0) ack 1 ts 100    FIN_WAIT_1 CLOSE_WAIT
    +0.01 <  F 1:1(0) ack 2 ts 200    TIME_WAIT LAST_ACK
    +0.01 >  . 2:2(0) ack 2 ts 100    TIME_WAIT CLOSED

    """

  var script: String {
    let before = (timestamps ? Self.stampedClose : Story.handshake + Self.close) + "+10 \(segment) "
    return switch result {
    case .renewed: before + "TIME_WAIT CLOSED\n+59.9 . TIME_WAIT CLOSED\n+0.2 . CLOSED CLOSED"
    case .stays: before + "TIME_WAIT CLOSED\n+49.9 . TIME_WAIT CLOSED\n+0.2 . CLOSED CLOSED"
    case .gone: before + "CLOSED CLOSED"
    case .opensAnother: before
    }
  }
}

@Suite struct TimeWaitTests {
  @Test(arguments: TimeWaitCase.all)
  func segment(_ test: TimeWaitCase) throws {
    let outcome = try Script().run(test.script)
    #expect(outcome.mismatches == [])
    #expect(outcome.all.count == (test.result == .opensAnother ? 2 : 1))
    #expect(outcome.all.first?.flow.closeKind == .fin)
    #expect(outcome.all.first?.heldTimeWait(.client) == true)
  }

  @Test("tcp_rfc1337 protects the TIME_WAITs of this host, and no others", arguments: [Role.client, .server])
  func rfc1337(local: Role) throws {
    var settings = TrackerSettings(capacity: 10)
    settings.protectsTimeWait = true
    let script = Script()
    let address = local == .client ? script.client.address : script.server.address
    settings.localAddresses = LocalAddresses(addresses: [address], networks: [])
    let states = local == .client ? "TIME_WAIT CLOSED" : "CLOSED CLOSED"
    let text = Story.handshake + TimeWaitCase.close + "+10 < R 2:2(0) \(states)"
    #expect(try script.run(text, settings: settings).mismatches == [])
  }

  @Test(
    "A FIN that is answered by RST without ACK met no TIME_WAIT: too many of them, or an orphan that was over",
    arguments: ["F 1:1(0)", "F 1:101(100)"]
  )
  func overflow(fin: String) throws {
    let outcome = try Script().run(
      Story.handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +0.01 <  \(fin) ack 2             TIME_WAIT LAST_ACK
        +0    >  R 2:2(0)                 CLOSED CLOSED
        """
    )
    #expect(outcome.mismatches == [])
    let connection = try #require(outcome.all.first)
    #expect(connection.flow.closedFirst == .client)
    #expect(connection.flow.closeKind == .fin)
    #expect(!connection.heldTimeWait(.client))
  }

  @Test("Data kills a FIN_WAIT_2 that nobody holds: an RST, and no TIME_WAIT")
  func lateData() throws {
    let outcome = try Script().run(
      Story.handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +1    <  P 1:101(100) ack 2       FIN_WAIT_2 CLOSE_WAIT
        +0    >  R 2:2(0)                 CLOSED CLOSED
        """
    )
    #expect(outcome.mismatches == [])
    let connection = try #require(outcome.all.first)
    #expect(connection.flow.closedFirst == .client)
    #expect(connection.flow.closeKind == .rst)
    #expect(!connection.heldTimeWait(.client))
  }
}
