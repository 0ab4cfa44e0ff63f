/// Unaligned loads in the byte order of whoever wrote the data. They check bounds (and would trap): callers look at
/// `byteCount` first.
extension RawSpan {
  @inline(__always)
  func load16(at offset: Int, swapped: Bool) -> UInt16 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return swapped ? value.byteSwapped : value
  }

  @inline(__always)
  func load32(at offset: Int, swapped: Bool) -> UInt32 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return swapped ? value.byteSwapped : value
  }

  @inline(__always)
  func load64(at offset: Int, swapped: Bool) -> UInt64 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return swapped ? value.byteSwapped : value
  }

  /// Two numbers one after the other.
  @inline(__always)
  func loadPair(at offset: Int, swapped: Bool) -> (first: UInt32, second: UInt32) {
    let both = UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    let first = UInt32(littleEndian: UInt32(truncatingIfNeeded: both))
    let second = UInt32(littleEndian: UInt32(truncatingIfNeeded: both >> 32))
    return swapped ? (first.byteSwapped, second.byteSwapped) : (first, second)
  }

  /// One in this machine's order, where the caller has looked at `byteCount` for all that is read at once.
  @inline(__always)
  func load32(uncheckedAt offset: Int) -> UInt32 {
    // Any bit pattern is a UInt32; the load needs no alignment.
    unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self)
  }

  @inline(__always)
  func load8(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The text of these octets up to the first NUL, with what is no UTF-8 replaced; at most `limit` octets.
  func text(in range: Range<Int>, limit: Int = 256) -> String {
    let octets = range.prefix(limit).map { load8(at: $0) }.prefix { $0 != 0 }
    return String(decoding: octets, as: UTF8.self)
  }
}
