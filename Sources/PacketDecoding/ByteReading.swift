public import COctets

/// Reading integers in network byte order, and the check that comes before.
///
/// The only file of this module with unsafe loads. Each load but three still compares its offset with the span's size;
/// behind `require` the optimizer drops that comparison, and a forgotten `require` stops instead of reading foreign
/// memory.
extension RawSpan {
  /// Whether `count` octets from `offset` on are captured and belong to the packet, which ends at `end`.
  @inline(__always)
  func holds(_ count: Int, at offset: Int, before end: Int) -> Bool {
    // What the optimizer needs to see that the loads are in bounds: no minimum of the two ends, and the sign.
    offset >= 0 && byteCount - offset >= count && end - offset >= count
  }

  /// Throws unless `count` octets from `offset` on are captured and belong to the packet, which ends at `end`.
  @inline(__always)
  func require(_ count: Int, at offset: Int, before end: Int, of layer: DecodeError.Layer) throws(DecodeError) {
    guard holds(count, at: offset, before: end) else {
      let have = min(byteCount, end) - offset
      throw .truncated(layer, need: UInt16(clamping: count), have: UInt16(clamping: have))
    }
  }

  @inlinable @inline(__always)
  func uint8(at offset: Int) -> UInt8 {
    // Any bit pattern is a UInt8. The load itself would compare twice.
    precondition(UInt(bitPattern: offset) < UInt(bitPattern: byteCount))
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  @inlinable @inline(__always)
  func uint16(at offset: Int) -> UInt16 {
    // Any bit pattern is a UInt16; the load checks the bounds and needs no alignment.
    UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inlinable @inline(__always)
  func uint32(at offset: Int) -> UInt32 {
    // Any bit pattern is a UInt32; the load checks the bounds and needs no alignment.
    UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inlinable @inline(__always)
  func uint64(at offset: Int) -> UInt64 {
    // Any bit pattern is a UInt64; the load checks the bounds and needs no alignment.
    UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  // The next four look at no bounds: `UsualFrame` has looked once, at those of all that it reads.

  @inlinable @inline(__always)
  func uint16(uncheckedAt offset: Int) -> UInt16 {
    // Any bit pattern is a UInt16; the load needs no alignment.
    UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
  }

  @inlinable @inline(__always)
  func uint32(uncheckedAt offset: Int) -> UInt32 {
    // Any bit pattern is a UInt32; the load needs no alignment.
    UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
  }

  @inlinable @inline(__always)
  func uint64(uncheckedAt offset: Int) -> UInt64 {
    // Any bit pattern is a UInt64; the load needs no alignment.
    UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// Whether 16 octets are these, as far as a mask tells.
  @inlinable @inline(__always)
  func are(_ these: (UInt64, UInt64), uncheckedAt offset: Int, where mask: (UInt64, UInt64)) -> Bool {
    // So many octets are there.
    unsafe withUnsafeBytes { octets in
      unsafe tcpstated_are(
        octets.baseAddress.unsafelyUnwrapped + offset,
        SIMD2(mask.0.bigEndian, mask.1.bigEndian),
        SIMD2(these.0.bigEndian, these.1.bigEndian)
      )
    }
  }

  /// Which of the 64 octets from `start` on are line feeds; fewer at the end. The lowest bit is that of the first.
  @inline(__always)
  func lineFeeds(from start: Int) -> UInt64 {
    guard start >= 0, byteCount &- start >= 64 else { return lineFeedsAtEnd(from: start) }
    // So many octets are there.
    return unsafe withUnsafeBytes { octets in
      unsafe tcpstated_line_feeds(octets.baseAddress.unsafelyUnwrapped + start, 64)
    }
  }

  @inline(never)
  private func lineFeedsAtEnd(from start: Int) -> UInt64 {
    guard start >= 0, start < byteCount else { return 0 }
    // One octet is there, 64 are where so many are, or as many as there are.
    return unsafe withUnsafeBytes { octets in
      let base = unsafe octets.baseAddress.unsafelyUnwrapped
      let first = octets.count &- 64
      guard first >= 0 else { return unsafe tcpstated_line_feeds(base + start, octets.count &- start) }
      return unsafe tcpstated_line_feeds(base + first, 64) >> UInt64(truncatingIfNeeded: start &- first)
    }
  }

  /// Which of the 16 octets from `start` on, which are there, is the first up to a space, or DEL.
  @inline(__always)
  func firstControlOrSpace(of16From start: Int) -> Int? {
    precondition(start >= 0 && byteCount - start >= 16)
    // So many octets are there.
    let found = unsafe withUnsafeBytes { octets in
      unsafe tcpstated_controls_or_spaces(octets.baseAddress.unsafelyUnwrapped + start)
    }
    return found == 0 ? nil : found.trailingZeroBitCount
  }

  @inline(__always)
  func ipv4Address(at offset: Int) -> IPAddress {
    IPAddress(ipv4: uint32(at: offset))
  }

  @inline(__always)
  func ipv6Address(at offset: Int) -> IPAddress {
    IPAddress(high: uint64(at: offset), low: uint64(at: offset + 8))
  }
}
