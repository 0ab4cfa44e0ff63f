import PacketDecoding

@testable import ConnectionTracking

/// Segments among few endpoints with few numbers, so that they hit each other's connections: whole connections one after
/// the other on the same ports, answers to them, and at times anything. The same seed gives the same segments.
struct RandomTraffic {
  private var generator: SplitMix
  private let endpoints: [Endpoint]
  private var last: [Segment] = []
  private var lives: [RandomLife] = []

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
    let segment = chance(50) ? live() : chance(90) ? follow() : anything()
    last.append(segment)
    if last.count > 6 { last.removeFirst() }
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

/// Connections of the same two ends one after the other: each closes in one of the ways that there are, and the next
/// comes at once, or when its TIME_WAIT is through.
struct RandomLife {
  private var ends: [Endpoint]
  /// What each end sends next.
  private var numbers = [SequenceNumber(0), SequenceNumber(0)]
  private var waiting: [Segment] = []
  private var clock: UInt32 = 100
  private var hasTimestamps = false

  init(client: Endpoint, server: Endpoint) { ends = [client, server] }

  mutating func next(_ generator: inout SplitMix) -> Segment {
    if waiting.isEmpty { open(&generator) }
    return waiting.removeFirst()
  }

  /// The new SYN is beyond what the last connection sent, at the same place, or behind it; its timestamp likewise.
  private mutating func open(_ generator: inout SplitMix) {
    func below(_ limit: UInt64) -> UInt32 { UInt32(generator.next() % limit) }
    let beyond: UInt32 = [1, 5000, 0x7FFF_0000, 0, UInt32(bitPattern: -3000)][Int(below(5))]
    if below(8) > 0 { numbers[0] = numbers[0] &+ beyond }
    numbers[1] = numbers[1] &+ below(10_000)
    hasTimestamps = below(2) == 0
    clock = clock &+ [1, 0, UInt32(bitPattern: -50)][Int(below(3))]
    send(.syn, from: 0)
    if below(10) == 0 {
      send(.syn, from: 1)
      numbers[1] = numbers[1] &- 1
    }
    send(below(12) == 0 ? .rst | .ack : .syn | .ack, from: 1)
    send(.ack, from: 0)
    for _ in 0..<below(4) {
      send(.psh | .ack, from: 0, length: 1 + below(50))
      send(.psh | .ack, from: 1, length: below(50))
    }
    close(first: Int(below(2)), way: below(7))
  }

  private mutating func close(first: Int, way: UInt32) {
    let second = 1 - first
    switch way {
    case 0: send(.rst, from: first)
    case 1: send(.rst | .ack, from: first)
    case 2:
      // Both at once: neither acknowledges the other's FIN.
      let numbers = numbers
      send(.fin | .ack, from: first)
      self.numbers[first] = numbers[first]
      send(.fin | .ack, from: second)
      self.numbers[first] = numbers[first] &+ 1
      send(.ack, from: first)
      send(.ack, from: second)
    case 3:
      send(.fin | .ack, from: first)
      send(.rst, from: second)
    case 4: send(.fin | .ack, from: first)
    default:
      send(.fin | .ack, from: first)
      send(.ack, from: second)
      send(.fin | .ack, from: second)
      send(.ack, from: first)
    }
  }

  private mutating func send(_ flags: TCPFlags, from end: Int, length: UInt32 = 0) {
    var segment = Segment(
      source: ends[end],
      destination: ends[1 - end],
      sequence: numbers[end],
      acknowledgment: numbers[1 - end],
      flags: flags,
      payloadLength: length
    )
    if hasTimestamps {
      clock = clock &+ 1
      segment.options.present.rawValue = 8 | (flags.isSYN ? 2 : 0)
      segment.options.timestampValue = clock
      segment.options.windowScale = 7
    }
    numbers[end] = segment.sequenceEnd
    waiting.append(segment)
  }
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
