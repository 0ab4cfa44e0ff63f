import ConnectionTracking
import PacketDecoding
import Testing

/// A story in packets, and what must be said of it.
struct Story: CustomTestStringConvertible, Sendable {
  var name: String
  var script: String
  var closedFirst = ClosedFirst.none
  var closeKind = CloseKind.none
  var connState: String
  var history: String
  var anomalies: [String: Int] = [:]
  /// Who held TIME_WAIT.
  var timeWait: Set<Role> = []
  /// How many connections it tells of; the rest is about the first.
  var connections = 1
  var duplicates = 0
  var retransmits: [Role: UInt64] = [:]

  var testDescription: String { name }

  static let all = basics + opening + closing + timeWait + fromTimeWait + resets + streams + pickedUp + interfaces

  static let handshake = """
    +0    >  S 0:0(0)                 SYN_SENT LISTEN
    +0.01 <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
    +0.01 >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED

    """
}

@Suite struct ScenarioTests {
  @Test(arguments: Story.all)
  func story(_ story: Story) throws {
    let outcome = try Script().run(story.script)
    #expect(outcome.mismatches == [])
    let connection = try #require(outcome.all.first)
    #expect(outcome.all.count == story.connections)
    #expect(connection.flow.closedFirst == story.closedFirst)
    #expect(connection.flow.closeKind == story.closeKind)
    #expect(connection.connState.rawValue == story.connState)
    #expect(connection.history.description == story.history)
    #expect(outcome.anomalies == story.anomalies)
    #expect(Set(Role.allCases.filter(connection.heldTimeWait)) == story.timeWait)
    #expect(outcome.duplicates == story.duplicates)
    for role in Role.allCases { #expect(connection.retransmits(of: role) == story.retransmits[role] ?? 0) }
  }

  /// The same on numbers that wrap around inside the handshake, the data and the FIN.
  @Test(arguments: Story.all, [UInt32.max, UInt32.max - 1, UInt32.max - 50, UInt32.max - 101])
  func wrapsAround(_ story: Story, start: UInt32) throws {
    var script = Script()
    script.clientStart = start
    script.serverStart = start &- 7
    let outcome = try script.run(story.script)
    #expect(outcome.mismatches == [])
    #expect(outcome.all.first?.flow.closedFirst == story.closedFirst)
    #expect(outcome.all.first?.history.description == story.history)
  }
}
