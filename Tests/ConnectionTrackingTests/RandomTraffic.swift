import ConnectionTracking
import PacketDecoding

/// Segments among few endpoints with few numbers, so that they hit each other's connections: mostly plausible, at times
/// anything. The same seed gives the same segments.
struct RandomTraffic {
  private var generator: SplitMix
  private let endpoints: [Endpoint]
  private var last: [Segment] = []

  struct Packet {
    var segment: Segment
    var interface: UInt8
    /// Milliseconds since the one before.
    var delay: Int64
  }

  init(seed: UInt64) {
    generator = SplitMix(state: seed)
    endpoints = (UInt32(0)..<4).map { number in
      let address = number == 3 ? IPAddress(high: 0x2001_0db8_0000_0000, low: 7) : IPAddress(ipv4: 0x0A00_0000 + number)
      return Endpoint(address: address, port: number == 0 ? 80 : UInt16(40000 + number))
    }
  }

  mutating func next() -> Packet {
    let segment = chance(90) ? follow() : anything()
    last.append(segment)
    if last.count > 6 { last.removeFirst() }
    return Packet(segment: segment, interface: chance(90) ? 0 : 1, delay: delay())
  }

  private mutating func delay() -> Int64 {
    switch below(100) {
    case 0: Int64(below(200_000))
    case 1...8: Int64(below(20_000))
    default: Int64(below(200))
    }
  }

  /// What an end that took a recent segment might send: in answer, or the same again.
  private mutating func follow() -> Segment {
    guard let earlier = last.isEmpty ? nil : last[below(last.count)] else { return anything() }
    if chance(10) { return earlier }
    var segment = Segment(
      source: earlier.destination,
      destination: earlier.source,
      sequence: earlier.acknowledgment,
      acknowledgment: earlier.sequenceEnd,
      flags: .ack,
      window: chance(95) ? 1000 : 0,
      payloadLength: chance(30) ? UInt32(below(50)) : 0
    )
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
    let destination = (source + 1 + below(endpoints.count - 1)) % endpoints.count
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

  private mutating func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// A small generator of the same numbers for the same seed (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
