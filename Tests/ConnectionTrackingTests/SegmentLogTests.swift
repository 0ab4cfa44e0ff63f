import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// What is remembered of the segments that opened, moved and closed connections.
@Suite struct SegmentLogTests {
  /// A tracker that remembers, and what its observer was told.
  private struct Player: ~Copyable {
    var tracker: Tracker
    var recorder = Recorder()
    var now = Instant(nanoseconds: 1_000_000_000)

    init(limit: Int = 1000, isControlOnly: Bool = false) {
      tracker = Tracker(settings: TrackerSettings(capacity: 1000))
      tracker.rememberSegments(limit: limit)
      if isControlOnly { tracker.beginControlOnly(at: now, observer: &recorder) }
    }

    mutating func advance(_ step: Script.Step) {
      now = now + Seconds(nanoseconds: Int64((step.delay * 1e9).rounded()))
      tracker.advance(to: now, observer: &recorder)
    }

    mutating func receive(_ step: Script.Step) {
      guard let segment = step.segment else { return }
      let captured = Timestamp(nanoseconds: now.nanoseconds)
      tracker.receive(segment, interface: step.interface, at: now, captured: captured, observer: &recorder)
    }

    /// Of all connections, in the order in which they began.
    func sequences() -> [SegmentSequence] {
      recorder.connections(of: tracker).compactMap { tracker.sequence(of: $0) }
    }
  }

  private static func text(_ standing: Standing) -> String { text(standing.clientPhase, standing.serverPhase) }
  private static func text(_ client: Phase, _ server: Phase) -> String {
    "\(Script.name(client)) \(Script.name(server))"
  }

  /// As `Script` has it, with the states before and after.
  private static func text(_ segment: LoggedSegment) -> String {
    let letters = [(segment.flags.isSYN, "S"), (segment.flags.isFIN, "F"), (segment.flags.isRST, "R")]
    let flags = letters.filter(\.0).map(\.1).joined() + (segment.flags.isACK ? "." : "")
    let milliseconds = segment.captured.nanoseconds / 1_000_000 - 1000
    let octets = segment.payloadLength > 0 ? " \(segment.payloadLength)" : ""
    let again = segment.isRetransmission ? " again" : ""
    let before = text(segment.phaseBefore(.client), segment.phaseBefore(.server))
    let after = text(segment.phaseAfter(.client), segment.phaseAfter(.server))
    return "\(milliseconds) \(segment.sender == .client ? ">" : "<") \(flags)\(octets)\(again): "
      + (before == after ? after : "\(before) - \(after)")
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var script: String
    var expected: String
    var isControlOnly = false

    init(_ name: String, _ script: String, isControlOnly: Bool = false, _ expected: String) {
      testDescription = name
      self.script = script
      self.isControlOnly = isControlOnly
      self.expected = expected
    }
  }

  private static let handshake = """
    10 < S.: SYN_SENT LISTEN - ESTABLISHED SYN_RECEIVED
    20 > .: ESTABLISHED SYN_RECEIVED - ESTABLISHED ESTABLISHED

    """
  private static let opened = "0 > S: CLOSED LISTEN - SYN_SENT LISTEN\n" + handshake

  static let cases = [
    Case(
      "an exchange, and the server closes first",
      Story.handshake + """
        +0.1  >  P 1:101(100) ack 1
        +0.1  <  . 1:1(0) ack 101
        +0.1  <  P 1:1001(1000) ack 101
        +0.1  <  P 1001:2001(1000) ack 101
        +0.1  >  . 101:101(0) ack 2001
        +1    <  F 2001:2001(0) ack 101
        +0.1  >  F 101:101(0) ack 2002
        +0.1  <  . 2002:2002(0) ack 102
        """,
      opened + """
        120 > . 100: ESTABLISHED ESTABLISHED
        320 < . 1000: ESTABLISHED ESTABLISHED
        1520 < F.: ESTABLISHED ESTABLISHED - CLOSE_WAIT FIN_WAIT_1
        1620 > F.: CLOSE_WAIT FIN_WAIT_1 - LAST_ACK TIME_WAIT
        1720 < .: LAST_ACK TIME_WAIT - CLOSED TIME_WAIT
        """
    ),
    Case(
      "SYN and FIN are sent again",
      """
      +0    >  S 0:0(0)
      +1    >  S 0:0(0)
      +0.1  <  S 0:0(0) ack 1
      +0.1  >  . 1:1(0) ack 1
      +1    >  F 1:1(0) ack 1
      +0.2  >  F 1:1(0) ack 1
      +0.1  <  . 1:1(0) ack 2
      """,
      """
      0 > S: CLOSED LISTEN - SYN_SENT LISTEN
      1000 > S again: SYN_SENT LISTEN
      1100 < S.: SYN_SENT LISTEN - ESTABLISHED SYN_RECEIVED
      1200 > .: ESTABLISHED SYN_RECEIVED - ESTABLISHED ESTABLISHED
      2200 > F.: ESTABLISHED ESTABLISHED - FIN_WAIT_1 CLOSE_WAIT
      2400 > F. again: FIN_WAIT_1 CLOSE_WAIT
      2500 < .: FIN_WAIT_1 CLOSE_WAIT - FIN_WAIT_2 CLOSE_WAIT
      """
    ),
    Case(
      "the handshake's ACK brings data, a FIN too",
      """
      +0    >  S 0:0(0)
      +0.01 <  S 0:0(0) ack 1
      +0.01 >  P 1:11(10) ack 1
      +0.01 <  F 1:6(5) ack 11
      """,
      """
      0 > S: CLOSED LISTEN - SYN_SENT LISTEN
      10 < S.: SYN_SENT LISTEN - ESTABLISHED SYN_RECEIVED
      20 > . 10: ESTABLISHED SYN_RECEIVED - ESTABLISHED ESTABLISHED
      30 < F. 5: ESTABLISHED ESTABLISHED - CLOSE_WAIT FIN_WAIT_1
      """
    ),
    Case(
      "refused",
      "+0 > S 0:0(0)\n+0.01 < R 0:0(0) ack 1",
      """
      0 > S: CLOSED LISTEN - SYN_SENT LISTEN
      10 < R.: SYN_SENT LISTEN - CLOSED CLOSED
      """
    ),
    Case(
      "an RST out of the window is seen, and does nothing",
      Story.handshake + """
        +0.1  <  R 90000:90000(0)
        +0.1  <  R 1:1(0)
        """,
      opened + """
        120 < R: ESTABLISHED ESTABLISHED
        220 < R: ESTABLISHED ESTABLISHED - CLOSED CLOSED
        """
    ),
    Case(
      "picked up while it was open",
      """
      +0    >  P 100:200(100) ack 1
      +0.1  >  P 200:300(100) ack 1
      +0.1  <  . 1:1(0) ack 300
      +0.1  <  F 1:1(0) ack 300
      """,
      """
      0 > . 100: ESTABLISHED ESTABLISHED
      300 < F.: ESTABLISHED ESTABLISHED - CLOSE_WAIT FIN_WAIT_1
      """
    ),
    Case(
      "only what opens and closes is captured",
      """
      +0    >  S 0:0(0)
      +0.01 <  S 0:0(0) ack 1
      +1    <  F 500:500(0) ack 100
      +0.1  >  F 100:100(0) ack 501
      """,
      isControlOnly: true,
      """
      0 > S: CLOSED LISTEN - SYN_SENT LISTEN
      10 < S.: SYN_SENT LISTEN - ESTABLISHED ESTABLISHED
      1010 < F.: ESTABLISHED ESTABLISHED - CLOSE_WAIT FIN_WAIT_2
      1110 > F.: CLOSE_WAIT FIN_WAIT_2 - CLOSED TIME_WAIT
      """
    ),
  ]

  @Test(arguments: cases)
  func remembers(_ story: Case) throws {
    var player = Player(isControlOnly: story.isControlOnly)
    for step in try Script().steps(story.script) {
      player.advance(step)
      player.receive(step)
    }
    let sequence = try #require(player.sequences().first)
    #expect(sequence.isComplete)
    let expected = story.expected.split(separator: "\n").map(String.init)
    #expect(sequence.segments.map(Self.text) == expected)
  }

  /// Whatever happens: each move that a segment made is there, with its time, and no other.
  @Test(arguments: Story.all)
  func everyMoveIsThere(_ story: Story) throws {
    var player = Player()
    var expected: [String] = []
    for step in try Script().steps(story.script) {
      player.advance(step)
      let before = player.recorder.standings
      player.receive(step)
      let after = player.recorder.standings
      for number in after.indices {
        let time = player.now.nanoseconds
        guard number < before.count else {
          expected.append("\(time) opens: \(Self.text(after[number]))")
          continue
        }
        let (old, new) = (Self.text(before[number]), Self.text(after[number]))
        // A connection that makes way for another has no segment of its own that ends it.
        let wasReplaced = after.count > before.count
        if old != new, !wasReplaced { expected.append("\(time): \(old) - \(new)") }
      }
    }
    var found: [String] = []
    for sequence in player.sequences() {
      for (number, segment) in sequence.segments.enumerated() {
        let (old, new) = (
          Self.text(segment.phaseBefore(.client), segment.phaseBefore(.server)),
          Self.text(segment.phaseAfter(.client), segment.phaseAfter(.server))
        )
        let time = segment.captured.nanoseconds
        if number == 0 {
          found.append("\(time) opens: \(new)")
        } else if old != new {
          found.append("\(time): \(old) - \(new)")
        }
      }
    }
    #expect(found.sorted() == expected.sorted())
  }

  @Test func theOldestMakeWayButForTheSYN() throws {
    var player = Player(limit: 8)
    var script = Script()
    for port in UInt16(1)...4 {
      script.client = Endpoint(address: script.client.address, port: port)
      for step in try script.steps(Story.handshake + "+1 > F 1:1(0) ack 1\n+0.01 < . 1:1(0) ack 2") {
        player.advance(step)
        player.receive(step)
      }
    }
    let sequences = player.sequences()
    #expect(sequences.map { $0.segments.count } == [1, 1, 5, 5])
    #expect(sequences.map(\.isComplete) == [false, false, false, true])
    #expect(sequences.allSatisfy { $0.beginsWithSYN && $0.segments[0].flags.isSYN })
  }

  @Test func withoutALogNothingIsKnown() throws {
    var player = Player(limit: 0)
    for step in try Script().steps(Story.handshake) { player.receive(step) }
    #expect(player.sequences().isEmpty)
  }

  /// Beside a list of all: whatever the order, what is told is the end of what there was, and whole when it says so.
  @Test(arguments: [1, 2, 3, 5, 16, 100, 257])
  func tellsTheEndOfWhatThereWas(limit: Int) {
    var log = SegmentLog(limit: limit)
    var all: [UInt64: [Int64]] = [:]
    var generator = SplitMix(state: UInt64(limit))
    let standing = Standing(
      clientPhase: .closed,
      serverPhase: .closed,
      closedFirst: .none,
      closeKind: .none,
      localSide: .unknown
    )
    for number in Int64(0)..<2000 {
      let serial = UInt64.random(in: 1...40, using: &generator) * (number % 3 == 0 ? 64 : 1)
      let segment = LoggedSegment(
        serial: serial,
        flags: .ack,
        payloadLength: 0,
        from: .client,
        before: standing,
        after: standing,
        at: Timestamp(nanoseconds: number)
      )
      log.add(segment)
      all[serial, default: []].append(number)
      for (serial, times) in all where number % 41 == 0 {
        let told = log.segments(of: serial)
        #expect(told.map(\.captured.nanoseconds) == times.filter { $0 > number - Int64(limit) }.suffix(64))
        if log.reaches(back: Timestamp(nanoseconds: times[0])), SegmentLog.isAll(told) {
          #expect(told.count == times.count)
        }
      }
    }
  }
}
