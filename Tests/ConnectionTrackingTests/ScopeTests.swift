import ConnectionTracking
import PacketDecoding
import Testing

/// The same addresses and ports in two tunnels, and outside, are three connections.
@Suite struct ScopeTests {
  @Test func tunnelsAreKeyedApart() throws {
    var tracker = Tracker(settings: TrackerSettings(capacity: 100))
    var recorder = Recorder()
    let steps = try Script().steps(Story.handshake + "+0 > F 1:1(0) ack 1\n+0 < F 1:1(0) ack 2")
    for (number, step) in steps.enumerated() {
      guard let segment = step.segment else { continue }
      // Each goes a step further than the next.
      for scope in [UInt32(0), 7, 8] where number + Int(scope % 7) < steps.count {
        var inner = segment
        inner.scope = scope
        tracker.receive(
          inner,
          interface: 0,
          at: Instant(nanoseconds: Int64(number)),
          captured: Timestamp(nanoseconds: Int64(number)),
          observer: &recorder
        )
      }
    }
    #expect(tracker.trackedCount == 3)
    #expect(recorder.standings.map(\.clientPhase) == [.timeWait, .timeWait, .finWait1])
    #expect(recorder.standings.map(\.closeKind) == [.fin, .fin, .none])
  }
}
