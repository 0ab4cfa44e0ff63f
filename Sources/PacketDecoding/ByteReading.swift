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
    // Any bit pattern is a UInt8; the load checks the bounds.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
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

  // The next three look at no bounds: `UsualFrame` has looked once, at those of all that it reads.

  @inlinable @inline(__always)
  func uint8(uncheckedAt offset: Int) -> UInt8 {
    // Any bit pattern is a UInt8.
    unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
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

  @inline(__always)
  func octets16(at offset: Int) -> SIMD16<UInt8> {
    // Any bit pattern is a SIMD16<UInt8>; the load checks the bounds and needs no alignment.
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
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
