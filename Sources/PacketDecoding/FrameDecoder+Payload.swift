private enum VLANTag {
  static let type = 2
  static let length = 4
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
    _ envelope: Envelope
  ) throws(DecodeError) -> DecodedFrame {
    var type = firstType
    var offset = start
    for _ in 0...Self.maximumTagCount {
      switch type {
      case EtherType.ipv4:
        return try decodeIPv4(frame, at: offset, envelope)
      case EtherType.ipv6:
        return try decodeIPv6(frame, at: offset, envelope)
      case EtherType.vlan, EtherType.serviceVLAN, EtherType.oldServiceVLAN, EtherType.olderServiceVLAN:
        try frame.require(VLANTag.length, at: offset, before: envelope.end, of: .vlan)
        type = frame.uint16(at: offset + VLANTag.type)
        offset += VLANTag.length
      case 0...EtherType.longestLength:
        guard hasSNAP(frame, at: offset, envelope) else { return .other }
        type = frame.uint16(at: offset + SNAP.type)
        offset += SNAP.length
      case EtherType.mpls, EtherType.mplsMulticast:
        return try decodeMPLS(frame, at: offset, envelope)
      case EtherType.pppoeSession:
        return try decodePPPoE(frame, at: offset, envelope)
      default:
        return .other
      }
    }
    throw .tooDeep
  }

  private func hasSNAP(_ frame: RawSpan, at offset: Int, _ envelope: Envelope) -> Bool {
    frame.holds(SNAP.length, at: offset, before: envelope.end)
      && frame.uint32(at: offset) == SNAP.head
      && frame.uint16(at: offset + SNAP.organizationRest) == 0
  }

  /// Nothing in a label says what it carries; like routers, look at the first four bits (RFC 4928, 2).
  @inline(never)
  func decodeMPLS(_ frame: RawSpan, at start: Int, _ envelope: Envelope) throws(DecodeError) -> DecodedFrame {
    var offset = start
    for _ in 0..<MPLSLabel.maximumCount {
      try frame.require(MPLSLabel.length, at: offset, before: envelope.end, of: .mpls)
      let label = frame.uint32(at: offset)
      offset += MPLSLabel.length
      guard label & MPLSLabel.bottomOfStack != 0 else { continue }
      try frame.require(1, at: offset, before: envelope.end, of: .mpls)
      switch frame.uint8(at: offset) >> 4 {
      case 4: return try decodeIPv4(frame, at: offset, envelope)
      case 6: return try decodeIPv6(frame, at: offset, envelope)
      case 0: return try decodePseudowire(frame, at: offset, envelope)
      default: return .other
      }
    }
    throw .tooDeep
  }

  /// A control word of four octets and an Ethernet frame (RFC 4448, 4.6).
  private func decodePseudowire(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope
  ) throws(DecodeError) -> DecodedFrame {
    try decodeInnerEthernet(frame, at: offset + 4, envelope.deeper())
  }

  private func decodePPPoE(_ frame: RawSpan, at offset: Int, _ envelope: Envelope) throws(DecodeError) -> DecodedFrame {
    try frame.require(PPPoE.length, at: offset, before: envelope.end, of: .pppoe)
    guard frame.uint8(at: offset) == PPPoE.versionAndType else { throw .malformed(.pppoe, .version) }
    guard frame.uint8(at: offset + PPPoE.code) == PPPoE.session else { return .other }
    return try decodePPP(frame, at: offset + PPPoE.length, envelope)
  }

  /// A PPP frame, with or without address and control (RFC 1662, 3.1), its protocol in two octets or, when the lowest
  /// bit of the first says so, compressed to one (RFC 1661, 6.5).
  @inline(never)
  func decodePPP(
    _ frame: RawSpan,
    at start: Int,
    _ envelope: Envelope
  ) throws(DecodeError) -> DecodedFrame {
    var offset = start
    try frame.require(2, at: offset, before: envelope.end, of: .ppp)
    if frame.uint16(at: offset) == 0xFF03 { offset += 2 }
    try frame.require(2, at: offset, before: envelope.end, of: .ppp)
    let isCompressed = frame.uint8(at: offset) & 1 != 0
    let proto = isCompressed ? UInt16(frame.uint8(at: offset)) : frame.uint16(at: offset)
    offset += isCompressed ? 1 : 2
    switch proto {
    case PPPProtocol.ipv4: return try decodeIPv4(frame, at: offset, envelope)
    case PPPProtocol.ipv6: return try decodeIPv6(frame, at: offset, envelope)
    case PPPProtocol.mpls: return try decodeMPLS(frame, at: offset, envelope)
    default: return .other
    }
  }
}
