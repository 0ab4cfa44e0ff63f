/// What the extension headers have in common (RFC 8200, 4; RFC 6564): 8 octets at the least.
private enum ExtensionHeader {
  static let nextHeader = 0
  /// In units of 8 octets without the first 8; for AH of 4 without the first 8 (RFC 4302, 2.2).
  static let length = 1
  static let minimumLength = 8
  static let maximumCount = 16
}

/// RFC 8200, 4.5.
private enum FragmentHeader {
  static let fragment = 2
  static let fragmentOffset: UInt16 = 0xFFF8
  static let moreFragments: UInt16 = 0x0001
}

/// RFC 8200, 4.4.
private enum RoutingHeader {
  static let type = 2
  static let segmentsLeft = 3
  static let addresses = 8

  /// Types: RFC 5095 (deprecated), RFC 6275, RFC 8754.
  static let source: UInt8 = 0
  static let mobile: UInt8 = 2
  static let segment: UInt8 = 4
}

/// RFC 8200, 4.2 and RFC 2675, 2.
private enum HopByHopOption {
  static let pad1: UInt8 = 0x00
  static let jumboPayload: UInt8 = 0xC2
  static let shortestJumboPayload: UInt32 = 65536
}

extension FrameDecoder {
  /// Moves `packet` to the first header that is no extension header, in whatever order they stand.
  ///
  /// - Returns: false for a fragment other than the first, where the walk ends.
  func skipExtensionHeaders(_ frame: RawSpan, of packet: inout IPPacket) throws(DecodeError) -> Bool {
    for _ in 0...ExtensionHeader.maximumCount {
      let header = packet.payload
      guard Self.isExtensionHeader(packet.proto) else { return true }
      try frame.require(ExtensionHeader.minimumLength, at: header, before: packet.end, of: .ipv6Extension)
      let units = Int(frame.uint8(at: header + ExtensionHeader.length))
      var length = (units + 1) * 8
      var isLaterFragment = false
      switch packet.proto {
      case IPProtocol.hopByHop:
        readJumboPayload(frame, options: header + 2, until: header + length, of: &packet)
      case IPProtocol.routing:
        try readFinalDestination(frame, at: header, length: length, of: &packet)
      case IPProtocol.fragment:
        let fragment = frame.uint16(at: header + FragmentHeader.fragment)
        isLaterFragment = fragment & FragmentHeader.fragmentOffset != 0
        if fragment & FragmentHeader.moreFragments != 0 { packet.isWhole = false }
        length = ExtensionHeader.minimumLength
      case IPProtocol.authentication:
        length = (units + 2) * 4
      default:
        break
      }
      packet.proto = frame.uint8(at: header + ExtensionHeader.nextHeader)
      packet.payload = header + length
      if isLaterFragment { return false }
    }
    throw .tooDeep
  }

  private static func isExtensionHeader(_ proto: UInt8) -> Bool {
    switch proto {
    case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.fragment, IPProtocol.authentication,
      IPProtocol.destinationOptions, IPProtocol.mobility, IPProtocol.hostIdentity, IPProtocol.shim6:
      true
    default:
      false
    }
  }

  /// The length of a packet of more than 64 KB. It counts from the end of the IPv6 header, where the hop-by-hop header
  /// stands, and holds only with a payload length of 0.
  private func readJumboPayload(_ frame: RawSpan, options start: Int, until end: Int, of packet: inout IPPacket) {
    var option = start
    while frame.holds(2, at: option, before: end) {
      let type = frame.uint8(at: option)
      if type == HopByHopOption.pad1 {
        option += 1
        continue
      }
      let length = Int(frame.uint8(at: option + 1))
      if type == HopByHopOption.jumboPayload && length == 4 && frame.holds(6, at: option, before: end) {
        let payloadLength = frame.uint32(at: option + 2)
        let isHonest = !packet.isWhole && payloadLength >= HopByHopOption.shortestJumboPayload
        if isHonest { packet.end = start - 2 + Int(payloadLength) }
        return
      }
      option += 2 + length
    }
  }

  /// On its way the packet is addressed to the next stop; the connection, and the checksum, are those of the last
  /// (RFC 8200, 8.1), which the segment routing header lists first and the others last.
  private func readFinalDestination(
    _ frame: RawSpan,
    at header: Int,
    length: Int,
    of packet: inout IPPacket
  ) throws(DecodeError) {
    guard frame.uint8(at: header + RoutingHeader.segmentsLeft) != 0 else { return }
    let first = header + RoutingHeader.addresses
    let last: Int
    switch frame.uint8(at: header + RoutingHeader.type) {
    case RoutingHeader.segment: last = first
    case RoutingHeader.source, RoutingHeader.mobile: last = first + ((length - RoutingHeader.addresses) / 16 - 1) * 16
    default:
      packet.isWhole = false
      return
    }
    guard length >= RoutingHeader.addresses + 16 else { throw .malformed(.ipv6Extension, .headerLength) }
    try frame.require(length, at: header, before: packet.end, of: .ipv6Extension)
    packet.destination = try ipv6Address(frame, at: last)
  }
}
