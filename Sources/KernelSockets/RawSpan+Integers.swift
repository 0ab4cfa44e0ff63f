/// Loads from what the kernel sent. Offsets beyond the end give nil: callers need not trust lengths.
extension RawSpan {
  func u8(at offset: Int) -> UInt8? { load(at: offset, as: UInt8.self) }
  /// In host byte order, as netlink has it.
  func u16(at offset: Int) -> UInt16? { load(at: offset, as: UInt16.self) }
  func u32(at offset: Int) -> UInt32? { load(at: offset, as: UInt32.self) }
  func u64(at offset: Int) -> UInt64? { load(at: offset, as: UInt64.self) }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value? {
    guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else { return nil }
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }

  /// The text up to the first NUL or the end, with what is no UTF-8 replaced. Not escaped.
  func text() -> String {
    var octets: [UInt8] = []
    for offset in 0..<byteCount {
      guard let octet = u8(at: offset), octet != 0 else { break }
      octets.append(octet)
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
