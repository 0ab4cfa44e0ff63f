/// RFC 791, 3.1.
enum IPv4Header {
  static let versionAndLength = 0
  static let totalLength = 2
  static let fragment = 6
  static let proto = 9
  static let source = 12
  static let destination = 16
  static let minimumLength = 20

  /// In the field at `fragment`.
  static let moreFragments: UInt16 = 0x2000
  static let fragmentOffset: UInt16 = 0x1FFF
}

extension FrameDecoder {
  /// Any packet that is not of a usual frame.
  ///
  /// Total length 0 is a packet that segmentation offload has yet to cut, or GRO has joined (Linux net/ipv4/ip_input.c,
  /// `iph_totlen`): it is as long as what is around it.
  @inline(never)
  func decodeIPv4(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(IPv4Header.minimumLength, at: offset, before: envelope.end, of: .ipv4)
    let versionAndLength = frame.uint8(at: offset + IPv4Header.versionAndLength)
    guard versionAndLength >> 4 == 4 else { throw .malformed(.ipv4, .version) }
    let headerLength = Int(versionAndLength & 0xF) * 4
    guard headerLength >= IPv4Header.minimumLength else { throw .malformed(.ipv4, .headerLength) }
    let totalLength = Int(frame.uint16(at: offset + IPv4Header.totalLength))
    guard totalLength >= headerLength || totalLength == 0 else { throw .malformed(.ipv4, .totalLength) }
    let fragment = frame.uint16(at: offset + IPv4Header.fragment)
    let proto = frame.uint8(at: offset + IPv4Header.proto)
    if fragment & IPv4Header.fragmentOffset != 0 { return proto == IPProtocol.tcp ? .laterFragment : .other }

    let packet = IPPacket(
      source: frame.ipv4Address(at: offset + IPv4Header.source),
      destination: frame.ipv4Address(at: offset + IPv4Header.destination),
      proto: proto,
      payload: offset + headerLength,
      end: totalLength == 0 ? envelope.end : offset + totalLength,
      isWhole: totalLength != 0 && fragment & IPv4Header.moreFragments == 0
    )
    if proto == IPProtocol.tcp { return try decodeTCP(frame, packet, scope: envelope.scope, into: &segment) }
    return try decodeOtherProtocol(frame, packet, envelope, into: &segment)
  }
}
