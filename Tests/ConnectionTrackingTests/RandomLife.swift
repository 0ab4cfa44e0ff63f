import PacketDecoding
import TestNumbers

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
