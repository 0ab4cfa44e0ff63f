/// Whose a segment is, as far as it takes to share connections out: a number that is the same for both directions of a
/// connection, in whatever frames they come.
extension FrameDecoder {
  /// Of the segment that `decode` would find. Nil says nothing: only the most usual frames are looked into.
  package func connectionHash(_ frame: RawSpan, wireLength: UInt32) -> UInt64? {
    guard linkType == .ethernet else { return nil }
    return ConnectionHash.ofUsual(frame, at: 0, count: frame.byteCount)
      ?? wideHash(frame, before: max(frame.byteCount, Int(wireLength)))
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
    return ConnectionHash.mix(source, destination)
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
  package var connectionHash: UInt64 { ConnectionHash.mix(source, destination) }
}

/// A number for each end, and one for their sum, of which all counts in the upper half.
@usableFromInline
package enum ConnectionHash {
  static func mix(_ source: Endpoint, _ destination: Endpoint) -> UInt64 { mix(number(source), number(destination)) }

  @inlinable @inline(__always)
  static func mix(_ source: UInt64, _ destination: UInt64) -> UInt64 {
    (source &+ destination) &* 0x9E37_79B9_7F4A_7C15
  }

  /// Of an IPv4 address it is the 48 bits as they stand in the headers.
  private static func number(_ end: Endpoint) -> UInt64 {
    guard !end.address.isIPv4 else { return number(UInt32(truncatingIfNeeded: end.address.low), end.port) }
    let (high, low) = (end.address.high, end.address.low)
    let hash = (high &* 0x9E37_79B9_7F4A_7C15 ^ low << 16 ^ low >> 48 ^ UInt64(end.port)) &* 0xBF58_476D_1CE4_E5B9
    return hash ^ hash >> 32
  }

  @inlinable @inline(__always)
  static func number(_ address: UInt32, _ port: UInt16) -> UInt64 { UInt64(address) << 16 | UInt64(port) }
}

extension ConnectionHash {
  /// That of an Ethernet frame, if it is a usual one.
  ///
  /// - Parameters:
  ///   - start: where among the octets the frame begins.
  ///   - count: how many of them it has.
  @inlinable @inline(__always)
  package static func ofUsual(_ octets: RawSpan, at start: Int, count: Int) -> UInt64? {
    // The ends are among the octets then.
    guard UsualFrame(octets, at: start, count: count) != nil else { return nil }
    let addresses = octets.uint64(uncheckedAt: start &+ UsualFrame.addresses)
    let ports = octets.uint32(uncheckedAt: start &+ UsualFrame.tcp)
    return mix(
      number(UInt32(truncatingIfNeeded: addresses >> 32), UInt16(truncatingIfNeeded: ports >> 16)),
      number(UInt32(truncatingIfNeeded: addresses), UInt16(truncatingIfNeeded: ports))
    )
  }
}
