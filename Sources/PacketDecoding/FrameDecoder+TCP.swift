/// RFC 9293, 3.1.
enum TCPHeader {
  static let sourcePort = 0
  static let destinationPort = 2
  static let sequence = 4
  static let acknowledgment = 8
  static let dataOffset = 12
  static let flags = 13
  static let window = 14
  static let options = 20
  static let minimumLength = 20
  /// What an ICMP error must quote: the ports and the sequence number (RFC 792).
  static let quotedLength = 8
}

extension FrameDecoder {
  /// The tail of the fast path.
  ///
  /// The fixed header must be captured. Of the options as many as there are count: a short snap length costs the
  /// options, not the segment. That the packet itself is too short for its TCP header is an error, as in Linux
  /// (net/ipv4/tcp_ipv4.c, `bad_packet`).
  @inline(__always)
  func decodeTCP(
    _ frame: RawSpan,
    _ packet: IPPacket,
    scope: UInt32,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    let header = packet.payload
    try frame.require(TCPHeader.minimumLength, at: header, before: packet.end, of: .tcp)
    let length = Int(frame.uint8(at: header + TCPHeader.dataOffset) >> 4) * 4
    guard length >= TCPHeader.minimumLength else { throw .malformed(.tcp, .headerLength) }
    guard packet.end - header >= length else {
      throw .truncated(.tcp, need: UInt16(clamping: length), have: UInt16(clamping: packet.end - header))
    }
    segment.ends = SegmentEnds(
      source: Endpoint(address: packet.source, port: frame.uint16(at: header + TCPHeader.sourcePort)),
      destination: Endpoint(address: packet.destination, port: frame.uint16(at: header + TCPHeader.destinationPort))
    )
    segment.sequence = SequenceNumber(frame.uint32(at: header + TCPHeader.sequence))
    segment.acknowledgment = SequenceNumber(frame.uint32(at: header + TCPHeader.acknowledgment))
    segment.control = Segment.control(
      TCPFlags(rawValue: frame.uint8(at: header + TCPHeader.flags)),
      window: frame.uint16(at: header + TCPHeader.window),
      options.verifiesChecksums && packet.isWhole ? verifyChecksum(frame, packet) : .unverified
    )
    segment.payloadLength = UInt32(truncatingIfNeeded: packet.end - header - length)
    segment.payloadOffset = UInt32(truncatingIfNeeded: header + length)
    segment.scope = scope
    segment.options = TCPOptions(frame, from: header + TCPHeader.options, to: header + length)
    return .segment
  }

  @inline(__always)
  private func verifyChecksum(_ frame: RawSpan, _ packet: IPPacket) -> ChecksumVerdict {
    // In pieces: for a call with the whole, every packet would be put together in memory.
    Self.verifyChecksum(frame, from: packet.payload, to: packet.end, packet.source, packet.destination)
  }

  /// A checksum that the sender's network card had yet to complete is bad here: what it would have become is not to be
  /// known from the packet.
  @inline(never)
  private static func verifyChecksum(
    _ frame: RawSpan,
    from start: Int,
    to end: Int,
    _ source: IPAddress,
    _ destination: IPAddress
  ) -> ChecksumVerdict {
    guard end <= frame.byteCount else { return .unverified }
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(source, destination, length: end - start)
    checksum.add(frame, from: start, to: end)
    return checksum.isConsistent ? .good : .bad
  }
}
