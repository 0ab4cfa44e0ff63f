import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// Against an array from which the oldest are taken.
@Suite struct RetainedClosesTests {
  @Test(arguments: [1, 3, 64, 100, 1000], [UInt64(1), 2, 3])
  func keepsTheNewestInOrder(limit: Int, seed: UInt64) throws {
    let connection = try #require(Self.connection())
    var retained = RetainedCloses(limit: limit)
    var expected: [(number: Int, at: Instant)] = []
    var (state, next) = (seed, 0)
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      switch state >> 33 % 7 {
      case 0, 1:
        #expect((retained.removeFirst() != nil) == !expected.isEmpty)
        if !expected.isEmpty { expected.removeFirst() }
      case 2 where state >> 40 % 50 == 0:
        #expect(retained.takeAll().count == expected.count)
        expected = []
      default:
        let now = Instant(nanoseconds: Int64(next))
        #expect((retained.add(connection, at: now) != nil) == (expected.count == limit))
        if expected.count == limit { expected.removeFirst() }
        expected.append((next, now))
        next += 1
      }
      #expect(retained.count == expected.count)
      #expect(retained.oldest == expected.first?.at)
      #expect(retained.numbers == (expected.first?.number ?? next)..<next)
      #expect(retained.connection(next) == nil && retained.connection(-1) == nil)
    }
  }

  private static func connection() -> ConnectionView? {
    var monitor = Monitor(MonitorSettings(tracker: TrackerSettings(capacity: 4), retention: .all))
    var segment = Segment.blank
    segment.ends = SegmentEnds(
      source: Endpoint(address: IPAddress(ipv4: 1), port: 1),
      destination: Endpoint(address: IPAddress(ipv4: 2), port: 2)
    )
    segment.flags = .syn
    monitor.tracker.receive(
      segment,
      payload: RawSpan(),
      interface: 0,
      at: Instant(nanoseconds: 1),
      captured: Timestamp(nanoseconds: 1),
      observer: &monitor.books
    )
    var found: ConnectionView?
    monitor.forEachTracked { found = $0 }
    return found
  }
}
