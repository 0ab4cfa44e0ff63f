import ConnectionTracking
import PacketDecoding
import Testing

/// Two simulated ends, hundreds of times: whenever nothing is on its way, the tracker must know the state of each, and
/// at the end who closed first and who holds TIME_WAIT.
@Suite struct SimulatedPairTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func knowsWhatTheEndsKnow(group: UInt64) throws {
    for seed in group * 25..<group * 25 + 25 {
      var pair = SimulatedPair(seed: seed)
      var watch = PairWatch()
      try play(&pair, &watch, "seed \(seed)")
      #expect(watch.recorder.standings.count == 1)
      try watch.agreesOnTheClose(of: pair, "seed \(seed)")
    }
  }

  /// What came before the handshake was through, and somewhat later, was not seen.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func knowsWhatItPicksUpInTheMiddle(group: UInt64) throws {
    var count = 0
    for seed in group * 25..<group * 25 + 25 {
      var pair = SimulatedPair(seed: seed)
      var watch = PairWatch()
      for _ in 0..<6 { pair.step(closing: false) }
      pair.settle()
      guard pair.isEstablished else { continue }
      watch.taken = pair.wire.count
      // Both have to be heard before what they close means anything.
      for _ in 0..<12 { pair.step(closing: false) }
      pair.settle()
      guard Set(pair.wire[watch.taken...].filter { $0.payloadLength > 0 }.map(\.source)).count == 2 else { continue }
      try play(&pair, &watch, "seed \(seed)")
      #expect(watch.recorder.standings.count == 1)
      try watch.agreesOnTheClose(of: pair, "seed \(seed)")
      count += 1
    }
    #expect(count > 3)
  }

  /// The seeds above lead to all that they are meant to.
  @Test func meetsWhatIsRare() {
    var (crossed, wrapped, reset, clients, servers) = (0, 0, 0, 0, 0)
    for seed in 0..<1000 as Range<UInt64> {
      var pair = SimulatedPair(seed: seed)
      for round in 0..<12 {
        for _ in 0..<6 { pair.step(closing: round > 2) }
        if round % 3 == 2 { pair.settle() }
      }
      if pair.finsCrossed { crossed += 1 }
      if pair.hasWrapped { wrapped += 1 }
      if pair.resetBy != nil { reset += 1 }
      if pair.finOrder.first == 0 { clients += 1 }
      if pair.finOrder.first == 1 { servers += 1 }
    }
    #expect(min(crossed, wrapped, reset) > 30, "\(crossed) crossed, \(wrapped) wrapped, \(reset) reset")
    #expect(min(clients, servers) > 300, "\(clients) by clients, \(servers) by servers")
  }

  private func play(_ pair: inout SimulatedPair, _ watch: inout PairWatch, _ name: String) throws {
    for round in 0..<12 {
      for _ in 0..<6 { pair.step(closing: round > 2) }
      if round % 3 == 2 { pair.settle() }
      watch.take(pair.wire)
      if pair.isQuiet { try watch.agrees(with: pair, "\(name), round \(round)") }
    }
  }
}
