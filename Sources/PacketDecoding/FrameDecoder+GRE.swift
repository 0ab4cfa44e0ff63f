/// RFC 2784, RFC 2890; version 1 RFC 2637, 4.1.
private enum GRE {
  static let flags = 0
  static let proto = 2
  static let length = 4
  static let optionalFieldLength = 4

  static let hasChecksum: UInt16 = 0x8000
  static let hasRouting: UInt16 = 0x4000
  static let hasKey: UInt16 = 0x2000
  static let hasSequence: UInt16 = 0x1000
  static let hasAcknowledgment: UInt16 = 0x0080
  static let version: UInt16 = 0x0007
}

/// The headers of mirrored frames, types II and III (draft-foschiano-erspan).
private enum ERSPAN {
  /// Both begin with version, VLAN, flags and, in the last ten bits, the session.
  static let session: UInt32 = 0x3FF
  static let version2: UInt32 = 1
  static let length2 = 8
  static let version3: UInt32 = 2
  static let length3 = 12
  /// Type III: the fields at 8, among them what was mirrored and whether a subheader follows.
  static let fields = 10
  static let frameType: UInt16 = 0x7C00
  static let frameTypeEthernet: UInt16 = 0x0000
  static let frameTypeIP: UInt16 = 0x0800
  static let hasSubheader: UInt16 = 0x0001
  static let subheaderLength = 8
}

extension FrameDecoder {
  @inline(never)
  func decodeGRE(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    try frame.require(GRE.length, at: header, before: packet.end, of: .gre)
    let flags = frame.uint16(at: header + GRE.flags)
    let type = frame.uint16(at: header + GRE.proto)
    switch flags & GRE.version {
    case 0: return try decodeGRE(frame, packet, envelope, flags: flags, type: type, into: &segment)
    case 1: return try decodePPTP(frame, packet, envelope, flags: flags, type: type, into: &segment)
    default: throw .malformed(.gre, .version)
    }
  }

  /// The source routes of RFC 1701 are gone since RFC 2784, and with them the packets that have them.
  private func decodeGRE(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    flags: UInt16,
    type: UInt16,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    guard flags & GRE.hasRouting == 0 else { return .other }
    var length = GRE.length
    if flags & GRE.hasChecksum != 0 { length += GRE.optionalFieldLength }
    let key = packet.payload + length
    let hasKey = flags & GRE.hasKey != 0
    if hasKey { length += GRE.optionalFieldLength }
    let hasSequence = flags & GRE.hasSequence != 0
    if hasSequence { length += GRE.optionalFieldLength }
    try frame.require(length, at: packet.payload, before: packet.end, of: .gre)

    let payload = packet.payload + length
    if type == EtherType.erspan2 || type == EtherType.erspan3 {
      return try decodeERSPAN(
        frame,
        at: payload,
        packet,
        envelope,
        type: type,
        hasSequence: hasSequence,
        into: &segment
      )
    }
    let inner = try envelope.inside(.gre, identifier: hasKey ? frame.uint32(at: key) : 0, of: packet)
    switch type {
    case EtherType.transparentEthernet: return try decodeInnerEthernet(frame, at: payload, inner, into: &segment)
    case EtherType.ppp: return try decodePPP(frame, at: payload, inner, into: &segment)
    case EtherType.wccp: return try decodeWCCP(frame, at: payload, inner, into: &segment)
    default: return try decodePayload(frame, type: type, at: payload, inner, into: &segment)
    }
  }

  /// Redirected IPv4, in version 2 after four octets that no IPv4 header begins with (Linux net/ipv4/gre_demux.c).
  private func decodeWCCP(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(1, at: offset, before: envelope.end, of: .gre)
    let isPlain = frame.uint8(at: offset) >> 4 == 4
    return try decodeIPv4(frame, at: isPlain ? offset : offset + 4, envelope, into: &segment)
  }

  /// PPP of PPTP. Each direction has a call identifier of its own, so that it cannot be part of the scope. Without a
  /// sequence number the packet only acknowledges.
  private func decodePPTP(
    _ frame: RawSpan,
    _ packet: IPPacket,
    _ envelope: Envelope,
    flags: UInt16,
    type: UInt16,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    guard type == EtherType.ppp && flags & GRE.hasKey != 0 && flags & GRE.hasSequence != 0 else { return .other }
    let hasAcknowledgment = flags & GRE.hasAcknowledgment != 0
    let length = GRE.length + (hasAcknowledgment ? 3 : 2) * GRE.optionalFieldLength
    try frame.require(length, at: packet.payload, before: packet.end, of: .gre)
    return try decodePPP(frame, at: packet.payload + length, envelope.inside(.pptp, of: packet), into: &segment)
  }

  /// Type I has no header and no sequence number, II and III have both.
  private func decodeERSPAN(
    _ frame: RawSpan,
    at header: Int,
    _ packet: IPPacket,
    _ envelope: Envelope,
    type: UInt16,
    hasSequence: Bool,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    guard hasSequence else {
      return try decodeInnerEthernet(frame, at: header, envelope.inside(.erspan, of: packet), into: &segment)
    }
    let isType3 = type == EtherType.erspan3
    let length = isType3 ? ERSPAN.length3 : ERSPAN.length2
    try frame.require(length, at: header, before: packet.end, of: .gre)
    let first = frame.uint32(at: header)
    guard first >> 28 == (isType3 ? ERSPAN.version3 : ERSPAN.version2) else { throw .malformed(.gre, .version) }
    let inner = try envelope.inside(.erspan, identifier: first & ERSPAN.session, of: packet)
    guard isType3 else { return try decodeInnerEthernet(frame, at: header + length, inner, into: &segment) }

    let fields = frame.uint16(at: header + ERSPAN.fields)
    let payload = header + length + (fields & ERSPAN.hasSubheader != 0 ? ERSPAN.subheaderLength : 0)
    switch fields & ERSPAN.frameType {
    case ERSPAN.frameTypeEthernet: return try decodeInnerEthernet(frame, at: payload, inner, into: &segment)
    case ERSPAN.frameTypeIP: return try decodeBareIP(frame, at: payload, inner, into: &segment)
    default: return .other
    }
  }
}
