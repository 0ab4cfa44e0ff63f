import FuzzDriver
import PacketDecoding

/// Makes segments of a few octets each: an answer to an earlier one, the same again, or anything.
struct SegmentScript {
  private var last = LastSegments()

  mutating func next(_ input: inout FuzzInput) -> (segment: Segment, interface: UInt8, delay: Int64) {
    let choice = input.octet()
    var segment = choice & 0x80 == 0 ? follow(&input) : anything(&input)
    if choice & 0x40 != 0 {
      segment.sequence = segment.sequence &+ UInt32(bitPattern: Int32(Int8(bitPattern: input.octet())))
    }
    if choice & 0x20 != 0 {
      segment.acknowledgment = segment.acknowledgment &+ UInt32(bitPattern: Int32(Int8(bitPattern: input.octet())))
    }
    last.add(segment)
    return (segment, choice & 0x10 == 0 ? 0 : 1, delay(choice & 0x0F, &input))
  }

  private func delay(_ kind: UInt8, _ input: inout FuzzInput) -> Int64 {
    let unit: Int64 =
      switch kind {
      case 0..<12: 1_000_000
      case 12: 100_000_000
      case 13: 1_000_000_000
      case 14: 60_000_000_000
      default: 0
      }
    return unit == 1_000_000 ? unit * Int64(kind) : unit * Int64(input.octet())
  }

  private func follow(_ input: inout FuzzInput) -> Segment {
    guard !last.isEmpty else { return anything(&input) }
    let choice = input.octet()
    let earlier = last[last.count - 1 - Int(choice & 7) % last.count]
    if choice & 0x80 != 0 { return earlier }
    var segment = Segment(acknowledging: earlier, window: choice & 0x40 == 0 ? 1000 : 0)
    switch choice >> 3 & 7 {
    case 0: segment.flags = .syn | .ack
    case 1: segment.flags = .fin | .ack
    case 2: segment.flags = .rst
    case 3: segment.flags = .rst | .ack
    case 4: segment.payloadLength = UInt32(input.octet())
    case 5:
      segment.payloadLength = UInt32(input.octet())
      segment.flags = .fin | .ack
    default: break
    }
    return segment
  }

  private func anything(_ input: inout FuzzInput) -> Segment {
    let ends = input.octet()
    let source = Int(ends & 3)
    let destination = MadeUpTraffic.peer(of: source, Int(ends >> 2 & 3))
    var segment = Segment(
      source: MadeUpTraffic.endpoints[source],
      destination: MadeUpTraffic.endpoints[destination],
      sequence: SequenceNumber(UInt32(input.octet()) &* 1000 &- 2000),
      acknowledgment: SequenceNumber(UInt32(input.octet()) &* 1000 &- 2000),
      flags: TCPFlags(rawValue: input.octet()),
      window: input.word()
    )
    if ends & 0x10 != 0 { segment.payloadLength = UInt32(input.octet()) }
    if ends & 0x20 != 0 { segment.checksum = .bad }
    if ends & 0x40 != 0 { segment.scope = 9 }
    if ends & 0x80 != 0 {
      segment.options.present = TCPOptions.Present(rawValue: 8 | 2)
      segment.options.timestampValue = UInt32(input.octet())
      segment.options.windowScale = input.octet() % 15
    }
    return segment
  }
}
