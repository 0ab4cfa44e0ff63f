import ConnectionTracking
import PacketDecoding
import Testing

/// A tracker that sees both ends of a pair, a millisecond between two segments.
struct PairWatch: ~Copyable {
  var recorder = Recorder()
  /// So many of what is on the wire.
  var taken = 0
  private var tracker = Tracker(settings: TrackerSettings(capacity: 10))
  private var milliseconds: Int64 = 0

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

  /// Whether it knows what the ends know; nothing is on its way.
  func agrees(with pair: SimulatedPair, _ name: String) throws {
    let standing = try #require(recorder.standings.last)
    #expect(standing.clientPhase == pair.sockets[0].phase, "\(name)")
    #expect(standing.serverPhase == pair.sockets[1].phase, "\(name)")
  }

  /// Whether it knows who closed first, where an RST has not spoilt that.
  func agreesOnTheClose(of pair: SimulatedPair, _ name: String) throws {
    let standing = try #require(recorder.standings.last)
    if pair.resetBy == nil { #expect(standing.closedFirst == pair.closedFirst, "\(name)") }
  }
}
