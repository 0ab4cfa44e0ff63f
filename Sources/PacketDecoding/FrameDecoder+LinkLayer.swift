enum Ethernet {
  static let type = 12
  static let length = 14
}

/// LINKTYPE_LINUX_SLL: what the pseudo interface `any` gave until libpcap 1.10.
private enum Cooked {
  static let proto = 14
  static let length = 16
}

/// LINKTYPE_LINUX_SLL2.
private enum Cooked2 {
  static let proto = 0
  static let length = 20
}

private enum Loopback {
  static let family = 0
  static let length = 4
}

/// Address and control as in PPP, then an EtherType.
private enum CiscoHDLC {
  static let type = 2
  static let length = 4
}

extension FrameDecoder {
  /// The head of IPv6's fast path: inlined into `decode`.
  @inline(__always)
  func decodeEthernet(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(Ethernet.length, at: offset, before: envelope.end, of: .ethernet)
    let type = frame.uint16(at: offset + Ethernet.type)
    let payload = offset + Ethernet.length
    if type == EtherType.ipv4 { return try decodeIPv4(frame, at: payload, envelope, into: &segment) }
    if type == EtherType.ipv6 {
      if let packet = usualIPv6(frame, at: payload, before: envelope.end) {
        return try decodeTCP(frame, packet, scope: envelope.scope, into: &segment)
      }
      return try decodeIPv6(frame, at: payload, envelope, into: &segment)
    }
    return try decodePayload(frame, type: type, at: payload, envelope, into: &segment)
  }

  /// A frame inside a tunnel.
  @inline(never)
  func decodeInnerEthernet(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try decodeEthernet(frame, at: offset, envelope, into: &segment)
  }

  @inline(never)
  func decodeOtherLinkLayer(
    _ frame: RawSpan,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    switch linkType {
    case .linuxCooked:
      try frame.require(Cooked.length, at: 0, before: envelope.end, of: .linuxCooked)
      return try decodePayload(frame, type: frame.uint16(at: Cooked.proto), at: Cooked.length, envelope, into: &segment)
    case .linuxCooked2:
      try frame.require(Cooked2.length, at: 0, before: envelope.end, of: .linuxCooked)
      return try decodePayload(
        frame,
        type: frame.uint16(at: Cooked2.proto),
        at: Cooked2.length,
        envelope,
        into: &segment
      )
    case .null:
      try frame.require(Loopback.length, at: 0, before: envelope.end, of: .loopback)
      // In the byte order of the host that captured. Families are small numbers: the other reading is a large one.
      let family = frame.uint32(at: Loopback.family)
      return try decodeLoopback(frame, family: min(family, family.byteSwapped), envelope, into: &segment)
    case .loop:
      try frame.require(Loopback.length, at: 0, before: envelope.end, of: .loopback)
      return try decodeLoopback(frame, family: frame.uint32(at: Loopback.family), envelope, into: &segment)
    case .raw, .rawByDLT, .rawByOpenBSDsDLT:
      return try decodeBareIP(frame, at: 0, envelope, into: &segment)
    case .ipv4:
      return try decodeIPv4(frame, at: 0, envelope, into: &segment)
    case .ipv6:
      return try decodeIPv6(frame, at: 0, envelope, into: &segment)
    case .ppp, .pppHDLC:
      return try decodePPP(frame, at: 0, envelope, into: &segment)
    case .ciscoHDLC:
      try frame.require(CiscoHDLC.length, at: 0, before: envelope.end, of: .ppp)
      return try decodePayload(
        frame,
        type: frame.uint16(at: CiscoHDLC.type),
        at: CiscoHDLC.length,
        envelope,
        into: &segment
      )
    default:
      throw .unsupportedLinkType(linkType.rawValue)
    }
  }

  private func decodeLoopback(
    _ frame: RawSpan,
    family: UInt32,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    if family == AddressFamily.ipv4 {
      return try decodeIPv4(frame, at: Loopback.length, envelope, into: &segment)
    }
    guard AddressFamily.isIPv6(family) else { return .other }
    return try decodeIPv6(frame, at: Loopback.length, envelope, into: &segment)
  }

  /// IP of either version, with nothing before it.
  @inline(never)
  func decodeBareIP(
    _ frame: RawSpan,
    at offset: Int,
    _ envelope: Envelope,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    try frame.require(1, at: offset, before: envelope.end, of: .ipv4)
    switch frame.uint8(at: offset) >> 4 {
    case 4: return try decodeIPv4(frame, at: offset, envelope, into: &segment)
    case 6: return try decodeIPv6(frame, at: offset, envelope, into: &segment)
    default: throw .malformed(.ipv4, .version)
    }
  }
}
