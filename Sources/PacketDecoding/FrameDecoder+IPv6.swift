/// RFC 8200, 3.
enum IPv6Header {
  static let version = 0
  static let payloadLength = 4
  static let nextHeader = 6
  static let source = 8
  static let destination = 24
  static let length = 40
}

extension FrameDecoder {
  /// The packet at `offset` if it is as nearly all are: of a known length, with TCP right after its header.
  @inline(__always)
  func usualIPv6(_ frame: RawSpan, at offset: Int, before end: Int) -> IPPacket? {
    guard
      frame.holds(IPv6Header.length, at: offset, before: end)
        && frame.uint8(at: offset + IPv6Header.version) >> 4 == 6
        && frame.uint8(at: offset + IPv6Header.nextHeader) == IPProtocol.tcp
    else { return nil }
    let payloadLength = Int(frame.uint16(at: offset + IPv6Header.payloadLength))
    let source = frame.ipv6Address(at: offset + IPv6Header.source)
    let destination = frame.ipv6Address(at: offset + IPv6Header.destination)
    guard payloadLength != 0 && !source.isIPv4 && !destination.isIPv4 else { return nil }
    return IPPacket(
      source: source,
      destination: destination,
      proto: IPProtocol.tcp,
      payload: offset + IPv6Header.length,
      end: offset + IPv6Header.length + payloadLength,
      isWhole: true
    )
  }

  /// Any other packet, and wherever it does not follow an Ethernet header.
  ///
  /// Payload length 0 is a packet that segmentation offload has yet to cut, or one longer than 64 KB (RFC 2675, Linux
  /// BIG TCP): unless a jumbo payload option says otherwise, it is as long as what is around it.
  @inline(never)
  func decodeIPv6(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(IPv6Header.length, at: offset, before: envelope.end, of: .ipv6)
    guard frame.uint8(at: offset + IPv6Header.version) >> 4 == 6 else { throw .malformed(.ipv6, .version) }
    let payloadLength = Int(frame.uint16(at: offset + IPv6Header.payloadLength))
    let payload = offset + IPv6Header.length
    let packet = IPPacket(
      source: try ipv6Address(frame, at: offset + IPv6Header.source),
      destination: try ipv6Address(frame, at: offset + IPv6Header.destination),
      proto: frame.uint8(at: offset + IPv6Header.nextHeader),
      payload: payload,
      end: payloadLength == 0 ? envelope.end : payload + payloadLength,
      isWhole: payloadLength != 0
    )
    if packet.proto == IPProtocol.tcp { return try decodeTCP(frame, packet, scope: envelope.scope, into: &segment) }
    return try decodeExtended(frame, packet, envelope, into: &segment)
  }

  /// An address that is no IPv4 address in disguise: such packets must not be on the wire (RFC 4942, 2.2), Linux drops
  /// them (net/ipv6/ip6_input.c), and as `IPAddress` they would pass for IPv4.
  @inline(__always)
  func ipv6Address(_ frame: RawSpan, at offset: Int) throws(DecodeError) -> IPAddress {
    let address = frame.ipv6Address(at: offset)
    guard !address.isIPv4 else { throw .malformed(.ipv6, .address) }
    return address
  }

  /// Not TCP at once: extension headers, or another protocol.
  @inline(never)
  private func decodeExtended(
    _ frame: RawSpan,
    _ headed: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    var packet = headed
    guard try skipExtensionHeaders(frame, of: &packet) else {
      return packet.proto == IPProtocol.tcp ? .laterFragment : .other
    }
    if packet.proto == IPProtocol.tcp { return try decodeTCP(frame, packet, scope: envelope.scope, into: &segment) }
    return try decodeOtherProtocol(frame, packet, envelope, into: &segment)
  }
}
