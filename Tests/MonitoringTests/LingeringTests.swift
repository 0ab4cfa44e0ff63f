import Alerting
import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Monitoring

/// Ends that wait too long, and handshakes that do not go through at once.
@Suite struct LingeringTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var seconds: Int64
    var expected: [String]
    var play: @Sendable (inout Traffic) -> Void

    init(_ name: String, after seconds: Int64, _ expected: [String], play: @escaping @Sendable (inout Traffic) -> Void)
    {
      self.name = name
      self.seconds = seconds
      self.expected = expected
      self.play = play
    }

    var testDescription: String { "\(name), after \(seconds) s" }
  }

  private static let client = Traffic.client(1)
  private static let server = Traffic.server

  @Sendable private static func halfClose(_ traffic: inout Traffic) {
    traffic.open(client)
    traffic.send(client, server, Traffic.fin | Traffic.ack, 101, 501)
    traffic.send(server, client, Traffic.ack, 501, 102)
  }

  @Sendable private static func leaveHalfOpen(_ traffic: inout Traffic) {
    traffic.send(client, server, Traffic.syn, 100, 0)
    traffic.send(server, client, Traffic.syn | Traffic.ack, 500, 101)
  }

  @Test(arguments: [
    Case("a half that stays open", after: 59, [], play: halfClose),
    Case("a half that stays open", after: 61, ["FIN_WAIT_2 client 1 61", "CLOSE_WAIT server 1 61"], play: halfClose),
    Case("both halves closed", after: 61, []) {
      halfClose(&$0)
      $0.send(server, client, Traffic.fin | Traffic.ack, 501, 102)
    },
    Case("open and idle", after: 600, []) { $0.open(client) },
    Case("a handshake without its ACK", after: 2, [], play: leaveHalfOpen),
    Case("a handshake without its ACK", after: 5, ["SYN_RECEIVED server 1 5"], play: leaveHalfOpen),
    Case("a SYN that nobody answers", after: 10, ["SYN_SENT client 1 10"]) {
      $0.send(client, server, Traffic.syn, 100, 0)
    },
  ])
  func lingering(example: Case) {
    var traffic = Traffic()
    example.play(&traffic)
    for _ in 0..<example.seconds { traffic.pass(seconds: 1) }
    #expect(lingering(&traffic) == example.expected)
  }

  /// The oldest are told, and what is over is forgotten.
  @Test func samplesAreTheOldest() throws {
    var traffic = Traffic()
    for port in UInt16(1)...5 {
      traffic.open(Traffic.client(port))
      traffic.send(Self.server, Traffic.client(port), Traffic.fin | Traffic.ack, 501, 101)
      traffic.send(Traffic.client(port), Self.server, Traffic.ack, 101, 502)
      traffic.pass(seconds: 1)
    }
    for _ in 0..<60 { traffic.pass(seconds: 1) }
    let accounts = traffic.monitor.snapshot(at: nil).accounts.lingering
    let account = try #require(accounts.first { $0.phase == .closeWait })
    #expect(account.role == .client && account.count == 5 && account.longest == Seconds(65))
    #expect(account.samples.map(\.client.port) == [1, 2, 3])
    for port in UInt16(1)...5 { traffic.send(Traffic.client(port), Self.server, Traffic.rst | Traffic.ack, 101, 502) }
    traffic.pass(seconds: 1)
    #expect(traffic.monitor.snapshot(at: nil).accounts.lingering.isEmpty)
  }

  /// Rules ask for ages of their own, younger ones than what is worth a word among them.
  @Test func agesThatRulesAskForAreCounted() {
    var traffic = Traffic()
    var rules = [
      AlertRule(name: "a", metric: .closeWait, side: .any, raise: 1), AlertRule(name: "b", metric: .finWait2, raise: 1),
    ]
    (rules[0].olderThan, rules[1].olderThan) = (Seconds(10), Seconds(90))
    traffic.monitor.count(agesOf: rules)
    #expect(aged(&traffic) == nil)
    traffic.pass(seconds: 1)
    #expect(aged(&traffic) == [])
    Self.halfClose(&traffic)
    for (seconds, expected) in [
      (9, []), (2, ["finWait2 10 1", "closeWait 10 1"]),
      (80, ["finWait2 10 1", "finWait2 90 1", "closeWait 10 1", "closeWait 90 1"]),
    ] {
      for _ in 0..<seconds { traffic.pass(seconds: 1) }
      #expect(aged(&traffic).map(Set.init) == Set(expected))
    }
    let examples = traffic.monitor.examples(of: rules[0], .host)
    #expect(examples.peers.map(\.count) == [1] && examples.services.map(\.subject) == [Self.server])
    rules[0].olderThan = Seconds(95)
    #expect(traffic.monitor.examples(of: rules[0], .host).samples.isEmpty)
    traffic.monitor.count(agesOf: [rules[0]])
    #expect(aged(&traffic) == nil)
    traffic.send(Self.server, Self.client, Traffic.rst | Traffic.ack, 501, 102)
    traffic.pass(seconds: 1)
    #expect(aged(&traffic) == [])
  }

  private func aged(_ traffic: inout Traffic) -> [String]? {
    traffic.monitor.snapshot(at: nil).accounts.aged?.ends.map { "\($0.phase) \(Int($0.age.value)) \($0.count)" }
  }

  /// A half that is used is not forgotten: the other end still sends.
  @Test func aHalfInUseIsNoLeak() {
    var traffic = Traffic()
    Self.halfClose(&traffic)
    for second in 0..<90 as Range<UInt32> {
      traffic.pass(seconds: 1)
      let next = 501 + second * 4
      traffic.send(Self.server, Self.client, Traffic.ack, next, 102, payload: [1, 2, 3, 4])
      traffic.send(Self.client, Self.server, Traffic.ack, 102, next + 4)
    }
    #expect(lingering(&traffic).isEmpty)
  }

  private func lingering(_ traffic: inout Traffic) -> [String] {
    traffic.monitor.snapshot(at: nil).accounts.lingering.map { account in
      let name = "\(account.phase)".reduce(into: "") {
        $0 += $1.isUppercase || $1.isNumber ? "_\($1)" : $1.uppercased()
      }
      return "\(name) \(account.role) \(account.count) \(Int(account.longest.value))"
    }
  }

  // MARK: Handshakes

  @Test func repeatsAndOutcomesAreCounted() {
    var traffic = Traffic()
    // Answered the second time.
    traffic.send(Traffic.client(1), Self.server, Traffic.syn, 100, 0)
    traffic.open(Traffic.client(1))
    // Refused, the second time.
    for _ in 0..<2 { traffic.send(Traffic.client(2), Self.server, Traffic.syn, 100, 0) }
    traffic.send(Self.server, Traffic.client(2), Traffic.rst | Traffic.ack, 0, 101)
    // By nobody, for as long as Linux tries.
    for _ in 0..<7 { traffic.send(Traffic.client(3), Self.server, Traffic.syn, 100, 0) }
    // The SYN-ACK again, before the ACK and after it.
    traffic.send(Traffic.client(4), Self.server, Traffic.syn, 100, 0)
    for _ in 0..<3 { traffic.send(Self.server, Traffic.client(4), Traffic.syn | Traffic.ack, 500, 101) }
    traffic.send(Traffic.client(4), Self.server, Traffic.ack, 101, 501)
    for _ in 0..<2 { traffic.send(Self.server, Traffic.client(4), Traffic.syn | Traffic.ack, 500, 101) }
    // A SYN that arrives late is none that was repeated for want of an answer.
    traffic.send(Traffic.client(4), Self.server, Traffic.syn, 100, 0)
    for _ in 0..<132 { traffic.pass(seconds: 1) }
    var expected = HandshakeCounts()
    (expected.synRepeats, expected.synACKRepeats, expected.synACKRepeatsAfterACK) = (1 + 1 + 6, 2, 2)
    (expected.answeredLate, expected.refused, expected.unanswered) = (1, 1, 1)
    let accounts = traffic.monitor.snapshot(at: nil).accounts
    #expect(accounts.handshakes == expected)
    #expect(accounts.services.map(\.handshakes) == [expected])
  }

  @Test(
    arguments: [
      (code: 1, sequence: 100, unreachable: 1), (code: 13, sequence: 100, unreachable: 1),
      // Too big says nothing of the way; a wrong number is a guess.
      (code: 4, sequence: 100, unreachable: 0), (code: 1, sequence: 99, unreachable: 0),
    ] as [(code: UInt8, sequence: UInt32, unreachable: Int)]
  )
  func icmpErrorAnswersASYN(code: UInt8, sequence: UInt32, unreachable: Int) {
    var traffic = Traffic()
    traffic.send(Self.client, Self.server, Traffic.syn, 100, 0)
    for _ in 0..<2 { traffic.unreachable(Self.client, Self.server, sequence, code: code) }
    for _ in 0..<132 { traffic.pass(seconds: 1) }
    let counts = traffic.monitor.snapshot(at: nil).accounts.handshakes
    #expect(counts.unreachable == unreachable)
    #expect(counts.unanswered == 1 - unreachable)
  }

  @Test func icmpErrorChangesNothingForAnEstablishedConnection() {
    var traffic = Traffic()
    traffic.open(Self.client)
    traffic.unreachable(Self.client, Self.server, 100, code: 1)
    let accounts = traffic.monitor.snapshot(at: nil).accounts
    #expect(accounts.handshakes == HandshakeCounts() && accounts.open == 1)
  }
}
