/// IEEE 802.1Q, 9.6, and what switches add among themselves: each ends in the EtherType of what follows.
private enum Tag {
  static let vlanLength = 4
  static let vntagLength = 6
  static let etagLength = 8
  static let typeLength = 2
}

/// Forwarding tag and time to live; then the frame.
private enum FabricPath {
  static let tagLength = 2
}

/// An LLC header with a SNAP extension (IEEE 802, 9.5): AA-AA-03, then a zero organization code: an EtherType follows.
private enum SNAP {
  static let head: UInt32 = 0xAAAA_0300
  static let organizationRest = 4
  static let type = 6
  static let length = 8
}

/// A label stack entry (RFC 3032, 2.1).
private enum MPLSLabel {
  static let bottomOfStack: UInt32 = 0x100
  static let length = 4
  static let maximumCount = 16
}

/// RFC 2516, 4.
private enum PPPoE {
  static let versionAndType: UInt8 = 0x11
  static let code = 1
  static let session: UInt8 = 0
  static let length = 6
}

extension FrameDecoder {
  /// Tags and length fields before the packet; two tags are usual, four have been seen.
  private static var maximumTagCount: Int { 8 }

  /// What an EtherType announces: the frames that are not plain IP over Ethernet.
  @inline(never)
  func decodePayload(
    _ frame: RawSpan,
    type firstType: UInt16,
    at start: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    var type = firstType
    var offset = start
    for _ in 0...Self.maximumTagCount {
      switch type {
      case EtherType.ipv4:
        return try decodeIPv4(frame, at: offset, envelope, into: &segment)
      case EtherType.ipv6:
        return try decodeIPv6(frame, at: offset, envelope, into: &segment)
      case EtherType.vlan, EtherType.serviceVLAN, EtherType.oldServiceVLAN, EtherType.olderServiceVLAN:
        type = try skipTag(frame, at: &offset, length: Tag.vlanLength, envelope)
      case EtherType.vntag:
        type = try skipTag(frame, at: &offset, length: Tag.vntagLength, envelope)
      case EtherType.etag:
        type = try skipTag(frame, at: &offset, length: Tag.etagLength, envelope)
      case 0...EtherType.longestLength:
        guard hasSNAP(frame, at: offset, envelope) else { return .other }
        type = frame.uint16(at: offset + SNAP.type)
        offset += SNAP.length
      case EtherType.mpls, EtherType.mplsMulticast:
        return try decodeMPLS(frame, at: offset, envelope, into: &segment)
      case EtherType.pppoeSession:
        return try decodePPPoE(frame, at: offset, envelope, into: &segment)
      case EtherType.fabricPath:
        return try decodeInnerEthernet(frame, at: offset + FabricPath.tagLength, envelope.deeper(), into: &segment)
      default:
        return .other
      }
    }
    throw .tooDeep
  }

  /// Moves `offset` behind a tag and gives the EtherType at its end.
  @inline(__always)
  private func skipTag(
    _ frame: RawSpan,
    at offset: inout Int,
    length: Int,
    _ envelope: Envelope
  ) throws(DecodeError) -> UInt16 {
    try frame.require(length, at: offset, before: envelope.end, of: .vlan)
    offset += length
    return frame.uint16(at: offset - Tag.typeLength)
  }

  private func hasSNAP(_ frame: RawSpan, at offset: Int, _ envelope: Envelope) -> Bool {
    frame.holds(SNAP.length, at: offset, before: envelope.end)
      && frame.uint32(at: offset) == SNAP.head
      && frame.uint16(at: offset + SNAP.organizationRest) == 0
  }

  /// Nothing in a label says what it carries; like routers, look at the first four bits (RFC 4928, 2).
  @inline(never)
  func decodeMPLS(
    _ frame: RawSpan,
    at start: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    var offset = start
    for _ in 0..<MPLSLabel.maximumCount {
      try frame.require(MPLSLabel.length, at: offset, before: envelope.end, of: .mpls)
      let label = frame.uint32(at: offset)
      offset += MPLSLabel.length
      guard label & MPLSLabel.bottomOfStack != 0 else { continue }
      try frame.require(1, at: offset, before: envelope.end, of: .mpls)
      switch frame.uint8(at: offset) >> 4 {
      case 4: return try decodeIPv4(frame, at: offset, envelope, into: &segment)
      case 6: return try decodeIPv6(frame, at: offset, envelope, into: &segment)
      case 0: return try decodePseudowire(frame, at: offset, envelope, into: &segment)
      default: return .other
      }
    }
    throw .tooDeep
  }

  /// A control word of four octets and an Ethernet frame (RFC 4448, 4.6).
  private func decodePseudowire(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try decodeInnerEthernet(frame, at: offset + 4, envelope.deeper(), into: &segment)
  }

  private func decodePPPoE(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(PPPoE.length, at: offset, before: envelope.end, of: .pppoe)
    guard frame.uint8(at: offset) == PPPoE.versionAndType else { throw .malformed(.pppoe, .version) }
    guard frame.uint8(at: offset + PPPoE.code) == PPPoE.session else { return .other }
    return try decodePPP(frame, at: offset + PPPoE.length, envelope, into: &segment)
  }

  /// A PPP frame, with or without address and control (RFC 1662, 3.1), its protocol in two octets or, when the lowest
  /// bit of the first says so, compressed to one (RFC 1661, 6.5).
  @inline(never)
  func decodePPP(
    _ frame: RawSpan,
    at start: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    var offset = start
    try frame.require(2, at: offset, before: envelope.end, of: .ppp)
    if frame.uint16(at: offset) == 0xFF03 { offset += 2 }
    try frame.require(2, at: offset, before: envelope.end, of: .ppp)
    let isCompressed = frame.uint8(at: offset) & 1 != 0
    let proto = isCompressed ? UInt16(frame.uint8(at: offset)) : frame.uint16(at: offset)
    offset += isCompressed ? 1 : 2
    switch proto {
    case PPPProtocol.ipv4: return try decodeIPv4(frame, at: offset, envelope, into: &segment)
    case PPPProtocol.ipv6: return try decodeIPv6(frame, at: offset, envelope, into: &segment)
    case PPPProtocol.mpls: return try decodeMPLS(frame, at: offset, envelope, into: &segment)
    default: return .other
    }
  }
}
