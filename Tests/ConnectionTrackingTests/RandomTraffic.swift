import PacketDecoding
import TestNumbers

@testable import ConnectionTracking

/// Segments among few endpoints with few numbers, so that they hit each other's connections: whole connections one
/// after the other on the same ports, answers to them, and at times anything. The same seed gives the same segments.
struct RandomTraffic {
  private var generator: SplitMix
  private let endpoints = MadeUpTraffic.endpoints
  private var last = LastSegments()
  private var lives: [RandomLife] = []

  struct Packet {
    var segment: Segment
    var interface: UInt8
    /// Milliseconds since the one before.
    var delay: Int64
  }

  init(seed: UInt64) { generator = SplitMix(state: seed) }

  mutating func next() -> Packet {
    let segment = chance(50) ? live() : chance(90) ? follow() : anything()
    last.add(segment)
    return Packet(segment: segment, interface: chance(90) ? 0 : 1, delay: delay())
  }

  /// How many come together.
  mutating func batchSize() -> Int { chance(50) ? 1 : 1 + below(ArrivalBatch.capacity) }

  private mutating func delay() -> Int64 {
    switch below(100) {
    case 0: Int64(below(200_000))
    case 1...8: Int64(below(20_000))
    default: Int64(below(200))
    }
  }

  /// The next segment of one of the connections that take their course, not every one of which is captured.
  private mutating func live() -> Segment {
    if lives.isEmpty { lives = (1..<endpoints.count).map { RandomLife(client: endpoints[$0], server: endpoints[0]) } }
    let place = below(lives.count)
    var segment = lives[place].next(&generator)
    while chance(3) { segment = lives[place].next(&generator) }
    return segment
  }

  /// What an end that took a recent segment might send: in answer, or the same again.
  private mutating func follow() -> Segment {
    guard let earlier = last.isEmpty ? nil : last[below(last.count)] else { return anything() }
    if chance(10) { return earlier }
    var segment = Segment(acknowledging: earlier, window: chance(95) ? 1000 : 0)
    if chance(30) { segment.payloadLength = UInt32(below(50)) }
    if earlier.flags.isSYN, !earlier.flags.isACK {
      segment.flags = chance(10) ? .rst | .ack : .syn | .ack
      segment.sequence = SequenceNumber(UInt32(truncatingIfNeeded: below(5) * 1000))
      segment.payloadLength = 0
    } else if chance(30) {
      segment.flags = segment.flags | .fin
    } else if chance(5) {
      segment.flags = chance(50) ? .rst : .rst | .ack
    }
    if chance(10) { segment.sequence = segment.sequence &- UInt32(below(30)) }
    if chance(5) { segment.acknowledgment = segment.acknowledgment &+ UInt32(below(30)) }
    return segment
  }

  private mutating func anything() -> Segment {
    let source = below(endpoints.count)
    let destination = MadeUpTraffic.peer(of: source, below(endpoints.count - 1))
    let isSYN = chance(60)
    var segment = Segment(
      source: endpoints[source],
      destination: endpoints[destination],
      sequence: SequenceNumber(UInt32(truncatingIfNeeded: below(8) * 1000 - 2000)),
      acknowledgment: SequenceNumber(UInt32(truncatingIfNeeded: below(8) * 1000 - 2000)),
      flags: isSYN ? .syn : TCPFlags(rawValue: UInt8(below(256))),
      window: UInt16(below(3000)),
      payloadLength: chance(20) ? UInt32(below(1000)) : 0
    )
    segment.checksum = chance(3) ? .bad : .unverified
    segment.scope = chance(5) ? 9 : 0
    if chance(20) {
      segment.options.present.rawValue = 8 | 2
      segment.options.timestampValue = UInt32(below(1000))
      segment.options.windowScale = UInt8(below(15))
    }
    return segment
  }

  private mutating func below(_ limit: Int) -> Int { generator.below(limit) }
  private mutating func chance(_ percent: Int) -> Bool { generator.chance(percent) }
}
