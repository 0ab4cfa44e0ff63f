/// RFC 4302, 2.
private enum AuthenticationHeader {
  static let nextHeader = 0
  /// In units of 4 octets, without the first 8.
  static let length = 1
  static let minimumLength = 12
}

extension FrameDecoder {
  /// What an IP packet carries if not TCP.
  @inline(never)
  func decodeOtherProtocol(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let isIPv4 = packet.source.isIPv4
    switch packet.proto {
    case IPProtocol.icmp where isIPv4:
      return try decodeICMP(frame, packet, scope: envelope.scope, into: &segment)
    case IPProtocol.icmpv6 where !isIPv4:
      return try decodeICMPv6(frame, packet, scope: envelope.scope, into: &segment)
    case IPProtocol.authentication where isIPv4:
      return try decodeAuthenticated(frame, packet, envelope, into: &segment)
    default:
      return options.decapsulates ? try decodeTunnel(frame, packet, envelope, into: &segment) : .other
    }
  }

  @inline(never)
  private func decodeTunnel(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    switch packet.proto {
    case IPProtocol.udp:
      return try decodeUDP(frame, packet, envelope, into: &segment)
    case IPProtocol.gre:
      return try decodeGRE(frame, packet, envelope, into: &segment)
    case IPProtocol.ipv4:
      return try decodeIPv4(frame, at: packet.payload, envelope.inside(.ipInIP, of: packet), into: &segment)
    case IPProtocol.ipv6:
      return try decodeIPv6(frame, at: packet.payload, envelope.inside(.ipInIP, of: packet), into: &segment)
    default:
      return .other
    }
  }

  /// IPsec without encryption over IPv4; over IPv6 it is one of the extension headers.
  private func decodeAuthenticated(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    try frame.require(AuthenticationHeader.minimumLength, at: header, before: packet.end, of: .ipv4)
    var inner = packet
    inner.proto = frame.uint8(at: header + AuthenticationHeader.nextHeader)
    inner.payload += (Int(frame.uint8(at: header + AuthenticationHeader.length)) + 2) * 4
    if inner.proto == IPProtocol.tcp { return try decodeTCP(frame, inner, scope: envelope.scope, into: &segment) }
    guard inner.proto != IPProtocol.authentication else { throw .tooDeep }
    return try decodeOtherProtocol(frame, inner, envelope, into: &segment)
  }
}
