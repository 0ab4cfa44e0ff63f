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
      var tracker = Tracker(settings: TrackerSettings(capacity: 10))
      var recorder = Recorder()
      var taken = 0
      for round in 0..<12 {
        for _ in 0..<6 { pair.step(closing: round > 2) }
        if round % 3 == 2 { pair.settle() }
        for segment in pair.wire[taken...] {
          let now = Int64(taken) * 1_000_000
          tracker.receive(
            segment,
            interface: 0,
            at: Instant(nanoseconds: now),
            captured: Timestamp(nanoseconds: now),
            observer: &recorder
          )
          taken += 1
        }
        guard pair.isQuiet else { continue }
        let standing = try #require(recorder.standings.first)
        #expect(standing.clientPhase == pair.sockets[0].phase, "seed \(seed), round \(round)")
        #expect(standing.serverPhase == pair.sockets[1].phase, "seed \(seed), round \(round)")
      }
      let standing = try #require(recorder.standings.first)
      #expect(recorder.standings.count == 1)
      if pair.resetBy == nil { #expect(standing.closedFirst == expectedFirst(pair), "seed \(seed)") }
    }
  }

  private func expectedFirst(_ pair: SimulatedPair) -> ClosedFirst {
    guard let first = pair.finOrder.first else { return .none }
    if pair.finsCrossed { return .simultaneous }
    return first == 0 ? .client : .server
  }
}
