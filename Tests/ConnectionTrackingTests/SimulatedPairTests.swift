import ConnectionTracking
import PacketDecoding
import Testing

/// Two simulated ends, hundreds of times: whenever nothing is on its way, the tracker must know the state of each, and at
/// the end who closed first and who holds TIME_WAIT.
@Suite struct SimulatedPairTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func knowsWhatTheEndsKnow(group: UInt64) throws {
    for seed in group * 25..<group * 25 + 25 {
      var pair = SimulatedPair(seed: seed)
      var watch = Watch()
      try play(&pair, &watch, "seed \(seed)")
      let standing = try #require(watch.recorder.standings.last)
      #expect(watch.recorder.standings.count == 1)
      if pair.resetBy == nil { #expect(standing.closedFirst == pair.closedFirst, "seed \(seed)") }
    }
  }

  /// What came before the handshake was through, and somewhat later, was not seen.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func knowsWhatItPicksUpInTheMiddle(group: UInt64) throws {
    var count = 0
    for seed in group * 25..<group * 25 + 25 {
      var pair = SimulatedPair(seed: seed)
      var watch = Watch()
      for _ in 0..<6 { pair.step(closing: false) }
      pair.settle()
      guard pair.isEstablished else { continue }
      watch.taken = pair.wire.count
      // Both have to be heard before what they close means anything.
      for _ in 0..<12 { pair.step(closing: false) }
      pair.settle()
      guard Set(pair.wire[watch.taken...].filter { $0.payloadLength > 0 }.map(\.source)).count == 2 else { continue }
      try play(&pair, &watch, "seed \(seed)")
      let standing = try #require(watch.recorder.standings.last)
      #expect(watch.recorder.standings.count == 1)
      if pair.resetBy == nil { #expect(standing.closedFirst == pair.closedFirst, "seed \(seed)") }
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

  /// A tracker that takes what it has not taken yet, a millisecond apart.
  private struct Watch: ~Copyable {
    var tracker = Tracker(settings: TrackerSettings(capacity: 10))
    var recorder = Recorder()
    var taken = 0
    var milliseconds: Int64 = 0

    mutating func take(_ wire: [Segment]) {
      for segment in wire[taken...] {
        tracker.receive(
          segment,
          interface: 0,
          at: Instant(nanoseconds: milliseconds * 1_000_000),
          captured: Timestamp(nanoseconds: milliseconds * 1_000_000),
          observer: &recorder
        )
        milliseconds += 1
      }
      taken = wire.count
    }
  }

  private func play(_ pair: inout SimulatedPair, _ watch: inout Watch, _ name: String) throws {
    for round in 0..<12 {
      for _ in 0..<6 { pair.step(closing: round > 2) }
      if round % 3 == 2 { pair.settle() }
      watch.take(pair.wire)
      guard pair.isQuiet else { continue }
      let standing = try #require(watch.recorder.standings.last)
      #expect(standing.clientPhase == pair.sockets[0].phase, "\(name), round \(round)")
      #expect(standing.serverPhase == pair.sockets[1].phase, "\(name), round \(round)")
    }
  }
}
