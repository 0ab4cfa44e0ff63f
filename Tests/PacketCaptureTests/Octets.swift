/// Octets from hexadecimal text; spaces are for the reader.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }
  return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
    UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
  }
}

/// An integer in the byte order of the machine that is played.
func octets(_ value: some FixedWidthInteger, bigEndian: Bool = false) -> [UInt8] {
  let order = bigEndian ? value.bigEndian : value.littleEndian
  return (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: order >> ($0 * 8)) }
}
