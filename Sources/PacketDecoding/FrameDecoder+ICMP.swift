/// RFC 792, RFC 4443.
private enum ICMPHeader {
  static let type = 0
  static let code = 1
  static let length = 8
}

extension FrameDecoder {
  @inline(never)
  func decodeICMP(
    _ frame: RawSpan,
    _ packet: IPPacket,
    scope: UInt32,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    try frame.require(ICMPHeader.length, at: header, before: packet.end, of: .icmp)
    let type = frame.uint8(at: header + ICMPHeader.type)
    let code = frame.uint8(at: header + ICMPHeader.code)
    guard let kind = ICMPError.Kind(icmp: type, code: code) else { return .other }
    guard let quoted = try quotedIPv4(frame, at: header + ICMPHeader.length, end: packet.end) else { return .other }
    return try decodeQuotedTCP(frame, quoted, kind: kind, reporter: packet.source, scope: scope, into: &segment)
  }

  @inline(never)
  func decodeICMPv6(
    _ frame: RawSpan,
    _ packet: IPPacket,
    scope: UInt32,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    try frame.require(ICMPHeader.length, at: header, before: packet.end, of: .icmp)
    let type = frame.uint8(at: header + ICMPHeader.type)
    let code = frame.uint8(at: header + ICMPHeader.code)
    guard let kind = ICMPError.Kind(icmpv6: type, code: code) else { return .other }
    guard let quoted = try quotedIPv6(frame, at: header + ICMPHeader.length, end: packet.end) else { return .other }
    return try decodeQuotedTCP(frame, quoted, kind: kind, reporter: packet.source, scope: scope, into: &segment)
  }

  /// The quoted header's lengths are not looked at: the quote is cut, and some hosts quote them in the wrong order.
  private func quotedIPv4(_ frame: RawSpan, at offset: Int, end: Int) throws(DecodeError) -> IPPacket? {
    try frame.require(IPv4Header.minimumLength, at: offset, before: end, of: .icmp)
    let versionAndLength = frame.uint8(at: offset + IPv4Header.versionAndLength)
    guard versionAndLength >> 4 == 4 else { throw .malformed(.icmp, .version) }
    let headerLength = Int(versionAndLength & 0xF) * 4
    guard headerLength >= IPv4Header.minimumLength else { throw .malformed(.icmp, .headerLength) }
    let fragment = frame.uint16(at: offset + IPv4Header.fragment)
    guard fragment & IPv4Header.fragmentOffset == 0 else { return nil }
    return IPPacket(
      source: frame.ipv4Address(at: offset + IPv4Header.source),
      destination: frame.ipv4Address(at: offset + IPv4Header.destination),
      proto: frame.uint8(at: offset + IPv4Header.proto),
      payload: offset + headerLength,
      end: end,
      isWhole: false
    )
  }

  private func quotedIPv6(_ frame: RawSpan, at offset: Int, end: Int) throws(DecodeError) -> IPPacket? {
    try frame.require(IPv6Header.length, at: offset, before: end, of: .icmp)
    guard frame.uint8(at: offset + IPv6Header.version) >> 4 == 6 else { throw .malformed(.icmp, .version) }
    var quoted = IPPacket(
      source: try ipv6Address(frame, at: offset + IPv6Header.source),
      destination: try ipv6Address(frame, at: offset + IPv6Header.destination),
      proto: frame.uint8(at: offset + IPv6Header.nextHeader),
      payload: offset + IPv6Header.length,
      end: end,
      isWhole: true
    )
    return try skipExtensionHeaders(frame, of: &quoted) ? quoted : nil
  }

  private func decodeQuotedTCP(
    _ frame: RawSpan,
    _ quoted: IPPacket,
    kind: ICMPError.Kind,
    reporter: IPAddress,
    scope: UInt32,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    guard quoted.proto == IPProtocol.tcp else { return .other }
    let header = quoted.payload
    try frame.require(TCPHeader.quotedLength, at: header, before: quoted.end, of: .icmp)
    segment.ends = SegmentEnds(
      source: Endpoint(address: quoted.source, port: frame.uint16(at: header + TCPHeader.sourcePort)),
      destination: Endpoint(address: quoted.destination, port: frame.uint16(at: header + TCPHeader.destinationPort))
    )
    segment.sequence = SequenceNumber(frame.uint32(at: header + TCPHeader.sequence))
    segment.scope = scope
    return .icmpError(kind, reporter: reporter)
  }
}
