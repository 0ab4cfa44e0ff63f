/// Whose a segment is, as far as it takes to share connections out: a number that is the same for both directions of a
/// connection, in whatever frames they come.
extension FrameDecoder {
  /// Of the segment that `decode` would find. Nil says nothing: only the most usual frames are looked into.
  package func connectionHash(_ frame: RawSpan, wireLength: UInt32) -> UInt64? {
    guard linkType == .ethernet else { return nil }
    guard UsualFrame(frame, at: 0, count: frame.byteCount) != nil else {
      return wideHash(frame, before: max(frame.byteCount, Int(wireLength)))
    }
    var ends = SegmentEnds.none
    UsualFrame.setEnds(&ends, frame, at: 0)
    return ends.first.mixed &+ ends.second.mixed
  }

  @inline(never)
  private func wideHash(_ frame: RawSpan, before end: Int) -> UInt64? {
    guard frame.holds(Ethernet.length, at: 0, before: end), frame.uint16(at: Ethernet.type) == EtherType.ipv6,
      let packet = usualIPv6(frame, at: Ethernet.length, before: end), isSound(frame, at: packet.payload, packet.end)
    else { return nil }
    let source = Endpoint(address: packet.source, port: frame.uint16(at: packet.payload + TCPHeader.sourcePort))
    let destination = Endpoint(
      address: packet.destination,
      port: frame.uint16(at: packet.payload + TCPHeader.destinationPort)
    )
    return source.mixed &+ destination.mixed
  }

  /// Whether `decodeTCP` has nothing against a header.
  @inline(__always)
  private func isSound(_ frame: RawSpan, at header: Int, _ end: Int) -> Bool {
    guard frame.holds(TCPHeader.minimumLength, at: header, before: end) else { return false }
    let length = Int(frame.uint8(at: header + TCPHeader.dataOffset) >> 4) * 4
    return length >= TCPHeader.minimumLength && end - header >= length
  }
}

extension Segment {
  /// See `FrameDecoder.connectionHash`.
  package var connectionHash: UInt64 {
    ends.first.mixed &+ ends.second.mixed
  }
}

extension Endpoint {
  /// All of it counts in the upper half of the number.
  @inline(__always)
  fileprivate var mixed: UInt64 {
    let (high, low) = (address.high, address.low)
    let hash = (high &* 0x9E37_79B9_7F4A_7C15 ^ low << 16 ^ low >> 48 ^ UInt64(port)) &* 0xBF58_476D_1CE4_E5B9
    return (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
  }
}
