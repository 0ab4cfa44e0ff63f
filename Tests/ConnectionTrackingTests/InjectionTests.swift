import ConnectionTracking
import PacketDecoding
import TestNumbers
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
    var forged = 0
    for seed in 0..<100 as Range<UInt64> {
      var pair = SimulatedPair(seed: seed)
      var victim = PairWatch()
      var forger = Forger(seed: seed)
      for round in 0..<12 {
        for _ in 0..<6 { pair.step(closing: round > 4) }
        if round % 3 == 2 { pair.settle() }
        victim.take(pair.wire)
        guard pair.isQuiet else { continue }
        try victim.agrees(with: pair, "seed \(seed), round \(round)")
        guard pair.isEstablished else {
          try victim.agreesOnTheClose(of: pair, "seed \(seed), round \(round)")
          continue
        }
        for _ in 0..<4 { victim.receive(forger.segment(forgery, place, of: pair)) }
        forged += 4
        try victim.agrees(with: pair, "seed \(seed), round \(round), forged")
      }
      #expect(victim.recorder.standings.count == 1)
    }
    #expect(forged > 200)
  }

  enum Place { case inTheWindow, anywhere }

  /// Makes up segments of a pair.
  private struct Forger {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// The window is hit, and what comes next in it is not; what it acknowledges was never sent, or long ago.
    mutating func segment(_ forgery: Forgery, _ place: Place, of pair: SimulatedPair) -> Segment {
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
      return Segment(
        source: SimulatedPair.endpoints[sender],
        destination: SimulatedPair.endpoints[1 - sender],
        sequence: expected &+ beyond,
        acknowledgment: SequenceNumber(own.received) &+ (random.chance(50) ? unsent : longAgo),
        flags: forgery.flags,
        payloadLength: forgery.payloadLength
      )
    }
  }
}
