import PacketDecoding
import Testing

/// A frame in annotated hex, and what it holds. Except in the ICMP errors that is always the same segment.
struct Fixture: CustomTestStringConvertible, Sendable {
  enum Content: Sendable {
    case ipv4, ipv6
    case icmpError(ICMPError.Kind)
  }

  let testDescription: String
  let linkType: LinkType
  let frame: [UInt8]
  let content: Content

  init(_ name: String, _ linkType: LinkType, _ text: String, holds content: Content) {
    testDescription = name
    self.linkType = linkType
    frame = hex(text)
    self.content = content
  }

  static let all = linkLayers + networkLayers + tunnels + icmpErrors

  func decode(_ options: DecoderOptions = DecoderOptions()) throws(DecodeError) -> DecodedFrame {
    try PacketDecodingTests.decode(frame, linkType, options)
  }
}

/// The innermost packet of most fixtures. Begins with a line break, to stand after a comment.
let tcpOverIPv4 = """

  4500002d 00014000 40064e93 c0000201 c6336402  // IPv4, 20 octets, 192.0.2.1 to 198.51.100.2
  9c400050 01020304 0a0b0c0d 501801f6 40860000  // TCP, 40000 to 80, PSH ACK
  47455420 2f                                   // "GET /"
  """

let tcpOverIPv6 = """

  60000000 00190640 20010db8 00000000 00000000
  00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
  9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
  47455420 2f                                   // "GET /"
  """

/// Octets from hex digits; spaces and line breaks are for the reader, and so is what follows `//` up to the line's end.
func hex(_ text: String) -> [UInt8] {
  let lines = text.split(separator: "\n").map { $0.prefix(while: { $0 != "/" }) }
  let digits = lines.joined().compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func decode(
  _ frame: [UInt8],
  _ linkType: LinkType = .raw,
  _ options: DecoderOptions = DecoderOptions(),
  wireLength: Int? = nil
) throws(DecodeError) -> DecodedFrame {
  let decoder = FrameDecoder(linkType: linkType, options: options)
  // The array outlives the call.
  return try unsafe decoder.decode(frame.span.bytes, wireLength: UInt32(wireLength ?? frame.count))
}

extension DecodedFrame {
  var segment: Segment? {
    guard case .segment(let segment) = self else { return nil }
    return segment
  }

  var icmpError: ICMPError? {
    guard case .icmpError(let error) = self else { return nil }
    return error
  }

  var isOther: Bool {
    guard case .other = self else { return false }
    return true
  }

  var isLaterFragment: Bool {
    guard case .laterFragment = self else { return false }
    return true
  }
}

/// The ends of the segment in every fixture.
let clientIPv4 = Endpoint(address: IPAddress(ipv4: 0xC000_0201), port: 40000)
let serverIPv4 = Endpoint(address: IPAddress(ipv4: 0xC633_6402), port: 80)
let clientIPv6 = Endpoint(address: IPAddress(high: 0x2001_0DB8_0000_0000, low: 1), port: 40000)
let serverIPv6 = Endpoint(address: IPAddress(high: 0x2001_0DB8_0000_0000, low: 2), port: 80)
