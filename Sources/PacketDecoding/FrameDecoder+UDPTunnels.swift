/// RFC 768.
private enum UDPHeader {
  static let sourcePort = 0
  static let destinationPort = 2
  static let length = 8
}

/// RFC 7348, 5.
private enum VXLAN {
  static let flags = 0
  static let hasIdentifier: UInt8 = 0x08
  static let identifier = 4
  static let length = 8
}

/// RFC 8926, 3.4.
private enum Geneve {
  static let versionAndLength = 0
  static let proto = 2
  static let identifier = 4
  static let length = 8
  /// Of the options, in units of 4 octets.
  static let optionsLength: UInt8 = 0x3F
}

/// RFC 4380, 5.1.1.
private enum Teredo {
  static let authentication: UInt16 = 0x0001
  static let authenticationLength = 13
  static let clientIdentifierLength = 2
  static let authenticationValueLength = 3
  static let origin: UInt16 = 0x0000
  static let originLength = 8
}

extension FrameDecoder {
  /// The port is all that tells a tunnel from other UDP. A packet cut before it is counted as other: most UDP is.
  @inline(never)
  func decodeUDP(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    guard frame.holds(UDPHeader.length, at: header, before: packet.end) else { return .other }
    let destination = frame.uint16(at: header + UDPHeader.destinationPort)
    let payload = header + UDPHeader.length
    switch destination {
    case TunnelPort.vxlan, TunnelPort.oldVXLAN:
      return try decodeVXLAN(frame, at: payload, packet, envelope, into: &segment)
    case TunnelPort.geneve:
      return try decodeGeneve(frame, at: payload, packet, envelope, into: &segment)
    default:
      let source = frame.uint16(at: header + UDPHeader.sourcePort)
      guard source == TunnelPort.teredo || destination == TunnelPort.teredo else { return .other }
      return try decodeTeredo(frame, at: payload, packet, envelope, into: &segment)
    }
  }

  private func decodeVXLAN(
    _ frame: RawSpan,
    at header: Int,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(VXLAN.length, at: header, before: packet.end, of: .vxlan)
    guard frame.uint8(at: header + VXLAN.flags) & VXLAN.hasIdentifier != 0 else { return .other }
    let identifier = frame.uint32(at: header + VXLAN.identifier) >> 8
    let inner = try envelope.inside(.vxlan, identifier: identifier, of: packet)
    return try decodeInnerEthernet(frame, at: header + VXLAN.length, inner, into: &segment)
  }

  private func decodeGeneve(
    _ frame: RawSpan,
    at header: Int,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(Geneve.length, at: header, before: packet.end, of: .geneve)
    let versionAndLength = frame.uint8(at: header + Geneve.versionAndLength)
    guard versionAndLength >> 6 == 0 else { throw .malformed(.geneve, .version) }
    let length = Geneve.length + Int(versionAndLength & Geneve.optionsLength) * 4
    try frame.require(length, at: header, before: packet.end, of: .geneve)
    let identifier = frame.uint32(at: header + Geneve.identifier) >> 8
    let inner = try envelope.inside(.geneve, identifier: identifier, of: packet)
    let type = frame.uint16(at: header + Geneve.proto)
    guard type != EtherType.transparentEthernet else {
      return try decodeInnerEthernet(frame, at: header + length, inner, into: &segment)
    }
    return try decodePayload(frame, type: type, at: header + length, inner, into: &segment)
  }

  /// An IPv6 packet after an authentication and an origin indication, either of which may be absent. The port may be
  /// anybody's: only a packet whose length fits exactly is taken for Teredo.
  private func decodeTeredo(
    _ frame: RawSpan,
    at start: Int,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    var offset = start
    if frame.holds(4, at: offset, before: packet.end), frame.uint16(at: offset) == Teredo.authentication {
      let clientIdentifierLength = Int(frame.uint8(at: start + Teredo.clientIdentifierLength))
      let authenticationValueLength = Int(frame.uint8(at: start + Teredo.authenticationValueLength))
      offset += Teredo.authenticationLength + clientIdentifierLength + authenticationValueLength
    }
    if frame.holds(2, at: offset, before: packet.end), frame.uint16(at: offset) == Teredo.origin {
      offset += Teredo.originLength
    }
    guard frame.holds(IPv6Header.length, at: offset, before: packet.end) else { return .other }
    let payloadLength = Int(frame.uint16(at: offset + IPv6Header.payloadLength))
    let fits = offset + IPv6Header.length + payloadLength == packet.end
    guard fits && frame.uint8(at: offset) >> 4 == 6 else { return .other }
    return try decodeIPv6(frame, at: offset, envelope.inside(.teredo, of: packet), into: &segment)
  }
}
