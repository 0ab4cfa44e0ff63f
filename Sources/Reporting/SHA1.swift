/// SHA-1 (RFC 3174), for Community ID alone: nothing secret depends on it.
struct SHA1 {
  private var state: InlineArray<5, UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]

  static func digest(of message: [UInt8]) -> [UInt8] {
    var hash = SHA1()
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    let bitCount = UInt64(message.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: bitCount >> shift))
    }
    for start in stride(from: 0, to: padded.count, by: 64) { hash.absorb(padded[start..<start + 64]) }
    return hash.bytes
  }

  private mutating func absorb(_ block: ArraySlice<UInt8>) {
    let schedule = Self.schedule(block)
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for round in 0..<80 {
      let (mix, constant) = Self.mix(round, b, c, d)
      let next = a.rotatedLeft(by: 5) &+ mix &+ e &+ schedule[round] &+ constant
      (e, d, c, b, a) = (d, c, b.rotatedLeft(by: 30), a, next)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
  }

  private static func schedule(_ block: ArraySlice<UInt8>) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: 80)
    for (offset, byte) in block.enumerated() { words[offset / 4] |= UInt32(byte) << UInt32(24 - offset % 4 * 8) }
    for index in 16..<80 {
      words[index] = (words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]).rotatedLeft(by: 1)
    }
    return words
  }

  private static func mix(_ round: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> (UInt32, UInt32) {
    switch round {
    case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
    case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
    default: (b ^ c ^ d, 0xCA62_C1D6)
    }
  }

  private var bytes: [UInt8] {
    (0..<5).flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state[word] >> UInt32($0)) } }
  }
}

extension UInt32 {
  fileprivate func rotatedLeft(by count: UInt32) -> UInt32 { self << count | self >> (32 - count) }
}
