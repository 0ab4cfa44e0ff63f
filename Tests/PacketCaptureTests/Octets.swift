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

/// A generator that gives the same mutations every time.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
