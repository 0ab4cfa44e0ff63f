import ConnectionTracking
import PacketDecoding
import Testing

/// Somebody off the path sends into connections: what their ends would drop (RFC 5961), the tracker must not believe.
@Suite struct InjectionTests {
  struct Forgery: CustomTestStringConvertible, Sendable {
    var flags: TCPFlags
    var payloadLength: UInt32 = 0
    var testDescription: String { "\(flags.rawValue), \(payloadLength) octets" }
  }

  static let forgeries = [
    Forgery(flags: .rst), Forgery(flags: .rst | .ack), Forgery(flags: .fin | .ack), Forgery(flags: .ack),
    Forgery(flags: .psh | .ack, payloadLength: 100), Forgery(flags: .fin | .ack, payloadLength: 1),
  ]

  @Test(arguments: forgeries, [Place.inTheWindow, .anywhere])
  func changesNothing(forgery: Forgery, place: Place) throws {
    for seed in 0..<100 as Range<UInt64> {
      var pair = SimulatedPair(seed: seed)
      var victim = Victim(seed: seed)
      for round in 0..<12 {
        for _ in 0..<6 { pair.step(closing: round > 4) }
        if round % 3 == 2 { pair.settle() }
        victim.take(pair.wire)
        guard pair.isQuiet else { continue }
        try victim.agrees(with: pair, "seed \(seed), round \(round)")
        guard pair.isEstablished else { continue }
        for _ in 0..<4 { victim.forge(forgery, place, pair) }
        try victim.agrees(with: pair, "seed \(seed), round \(round), forged")
      }
      #expect(victim.recorder.standings.count == 1)
    }
  }

  enum Place { case inTheWindow, anywhere }

  /// A tracker that sees both ends, and what is made up.
  private struct Victim: ~Copyable {
    var tracker = Tracker(settings: TrackerSettings(capacity: 10))
    var recorder = Recorder()
    private var random: Randomness
    private var taken = 0
    private var milliseconds: Int64 = 0

    init(seed: UInt64) { random = Randomness(state: seed) }

    mutating func take(_ wire: [Segment]) {
      for segment in wire[taken...] { receive(segment) }
      taken = wire.count
    }

    mutating func receive(_ segment: Segment) {
      milliseconds += 1
      tracker.receive(
        segment,
        interface: 0,
        at: Instant(nanoseconds: milliseconds * 1_000_000),
        captured: Timestamp(nanoseconds: milliseconds * 1_000_000),
        observer: &recorder
      )
    }

    /// The window is hit, and what comes next in it is not; what it acknowledges was never sent, or long ago.
    mutating func forge(_ forgery: Forgery, _ place: Place, _ pair: SimulatedPair) {
      let sender = random.below(2)
      let (own, receiver) = (pair.sockets[sender], pair.sockets[1 - sender])
      let expected = SequenceNumber(receiver.received)
      let beyond: UInt32 =
        switch place {
        case .inTheWindow: 1 + UInt32(random.below(60_000))
        case .anywhere: 70_000 + UInt32(truncatingIfNeeded: random.next()) % 0xFFF0_0000
        }
      let unsent = 1 + UInt32(random.below(0x7000_0000))
      let longAgo = UInt32(bitPattern: -200_000 - Int32(random.below(0x7000_0000)))
      receive(
        Segment(
          source: SimulatedPair.endpoints[sender],
          destination: SimulatedPair.endpoints[1 - sender],
          sequence: expected &+ beyond,
          acknowledgment: SequenceNumber(own.received) &+ (random.chance(50) ? unsent : longAgo),
          flags: forgery.flags,
          payloadLength: forgery.payloadLength
        )
      )
    }

    func agrees(with pair: SimulatedPair, _ name: String) throws {
      let standing = try #require(recorder.standings.last)
      #expect(standing.clientPhase == pair.sockets[0].phase, "\(name)")
      #expect(standing.serverPhase == pair.sockets[1].phase, "\(name)")
      if pair.resetBy == nil, !pair.isEstablished { #expect(standing.closedFirst == pair.closedFirst, "\(name)") }
    }
  }
}
