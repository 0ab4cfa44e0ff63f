import ConnectionTracking
import PacketDecoding
import Testing

/// What capture sees that passes SYN, FIN and RST alone.
@Suite struct ControlOnlyTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var script: String
    var closedFirst = ClosedFirst.none
    var closeKind = CloseKind.none
    var timeWait: Set<Role> = []
    var connState = "SF"
    var testDescription: String { name }
  }

  private static let handshake = """
    +0    >  S 0:0(0)                 SYN_SENT LISTEN
    +0.01 <  S 0:0(0) ack 1           ESTABLISHED ESTABLISHED

    """

  static let cases: [Case] = [
    Case(
      name: "the server closes first, after data that nobody saw",
      script: handshake + """
        +0.5  <  F 90001:90001(0) ack 301       CLOSE_WAIT FIN_WAIT_2
        +0.01 >  F 301:301(0) ack 90002         CLOSED TIME_WAIT
        +59.9 .                                 CLOSED TIME_WAIT
        +0.2  .                                 CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .fin,
      timeWait: [.server]
    ),
    Case(
      name: "the client closes first, with the last octets in its FIN",
      script: handshake + """
        +0.5  >  F 301:311(10) ack 70001        FIN_WAIT_2 CLOSE_WAIT
        +3    <  F 70001:70001(0) ack 312       TIME_WAIT CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      timeWait: [.client]
    ),
    Case(
      name: "both close at once",
      script: handshake + """
        +0.5  >  F 301:301(0) ack 70001         FIN_WAIT_2 CLOSE_WAIT
        +0    <  F 70001:70001(0) ack 301       TIME_WAIT TIME_WAIT
        """,
      closedFirst: .simultaneous,
      closeKind: .fin,
      timeWait: [.client, .server]
    ),
    Case(
      name: "a FIN that was sent first and arrives late",
      script: handshake + """
        +0.5  >  F 301:301(0) ack 70002         FIN_WAIT_2 CLOSE_WAIT
        +0    <  F 70001:70001(0) ack 301       CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      timeWait: [.server]
    ),
    Case(
      name: "a FIN that is sent again changes nothing",
      script: handshake + """
        +0.5  <  F 90001:90001(0) ack 301       CLOSE_WAIT FIN_WAIT_2
        +0.2  <  F 90001:90001(0) ack 301       CLOSE_WAIT FIN_WAIT_2
        +0.01 >  F 301:301(0) ack 90002         CLOSED TIME_WAIT
        +0.2  >  F 301:301(0) ack 90002         CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      timeWait: [.server]
    ),
    Case(
      name: "a reset beyond all windows that were seen",
      script: handshake + "+2 > R 5000001:5000001(0) ack 90001 CLOSED CLOSED",
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO"
    ),
    Case(
      name: "a reset after one FIN",
      script: handshake + """
        +0.5  <  F 90001:90001(0) ack 301       CLOSE_WAIT FIN_WAIT_2
        +0.01 >  R 301:301(0) ack 90002         CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTO"
    ),
    Case(
      name: "refused",
      script: """
        +0    >  S 0:0(0)                       SYN_SENT LISTEN
        +0    <  R 0:0(0) ack 1                 CLOSED CLOSED
        """,
      closeKind: .refused,
      connState: "REJ"
    ),
    Case(
      name: "nobody answers",
      script: """
        +0    >  S 0:0(0)                       SYN_SENT LISTEN
        +1    >  S 0:0(0)                       SYN_SENT LISTEN
        +132  .                                 CLOSED CLOSED
        """,
      closeKind: .expired,
      connState: "S0"
    ),
    Case(
      name: "a SYN-ACK that is sent again had no ACK",
      script: handshake + """
        +1    <  S 0:0(0) ack 1                 ESTABLISHED SYN_RECEIVED
        +2    <  S 0:0(0) ack 1                 ESTABLISHED SYN_RECEIVED
        +132  .                                 CLOSED CLOSED
        """,
      closeKind: .expired,
      connState: "S1"
    ),
    Case(
      name: "an open connection does not expire",
      script: handshake + "+9000 . ESTABLISHED ESTABLISHED",
      connState: "S1"
    ),
    Case(
      name: "picked up at its end",
      script: """
        +0    <  F 90001:90001(0) ack 301       CLOSE_WAIT FIN_WAIT_2
        +0.01 >  F 301:301(0) ack 90002         CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      timeWait: [.server]
    ),
    Case(
      name: "more than half the sequence space went by",
      script: handshake + """
        +900  <  F -1000000000:-1000000000(0) ack 301  CLOSE_WAIT FIN_WAIT_2
        +0.01 >  F 301:301(0) ack -999999999           CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      timeWait: [.server]
    ),
  ]

  private static let states = Set(Phase.allCases.map(Script.name))

  @Test(arguments: cases)
  func control(_ control: Case) throws {
    let outcome = try Script().run(control.script, isControlOnly: true)
    #expect(outcome.mismatches == [])
    let connection = try #require(outcome.all.first)
    #expect(connection.flow.closedFirst == control.closedFirst)
    #expect(connection.flow.closeKind == control.closeKind)
    #expect(Set(Role.allCases.filter(connection.heldTimeWait)) == control.timeWait)
    #expect(connection.connState.rawValue == control.connState)
    #expect(connection.isPartial)
    #expect(outcome.anomalies == [:])
  }

  /// These need what is not seen: whether an RST hits the window's edge, and that nobody acknowledges a FIN.
  static let unknowable = ["an RST beside the edge is challenged", "a FIN again, unanswered until it expires"]

  /// The whole stories, without what the filter takes away.
  @Test(arguments: (Story.basics + Story.closing).filter { !unknowable.contains($0.name) })
  func sameAsWhole(_ story: Story) throws {
    let seen = story.script.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let passes = words.count > 2 && words[1] != "." && words[2].contains { "SFR".contains($0) }
      return passes ? words.prefix { !Self.states.contains(String($0)) }.joined(separator: " ") : "\(words[0]) ."
    }
    let outcome = try Script().run(seen.joined(separator: "\n"), isControlOnly: true)
    let connection = try #require(outcome.all.first)
    #expect(connection.flow.closedFirst == story.closedFirst)
    #expect(connection.flow.closeKind == story.closeKind)
    #expect(Set(Role.allCases.filter(connection.heldTimeWait)) == story.timeWait)
  }

  /// Numbers are believed there: those of somebody's made-up segment as well.
  @Test func numbersBeforeTheBeginningAreNoOctets() throws {
    let script = Self.handshake + "+1 > R -500:-500(0) ack -500"
    let connection = try #require(try Script().run(script, isControlOnly: true).all.first)
    #expect(Role.allCases.map(connection.bytes) == [0, 0])
    #expect(connection.connState == .rsto)
  }

  @Test func octetsThatNobodySawAreCountedPastTheEndOfTheNumbers() throws {
    let script = Self.handshake + "+1 > F 901:901(0) ack 701"
    let connection = try #require(
      try Script(clientStart: .max - 100, serverStart: .max - 200).run(script, isControlOnly: true).all.first
    )
    #expect(Role.allCases.map(connection.bytes) == [900, 700])
  }
}
