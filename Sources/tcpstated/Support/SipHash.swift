/// SipHash-2-4 (Aumasson, Bernstein): without the key nobody can tell which message gave which hash.
struct SipHash {
  private let key: (UInt64, UInt64)

  init(key: (UInt64, UInt64)) {
    self.key = key
  }

  /// With a key that nobody knows.
  init() {
    self.init(key: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
  }

  func hash(_ message: [UInt8]) -> UInt64 {
    var state = State(key)
    var start = 0
    while start + 8 <= message.count {
      state.absorb(Self.word(message[start..<start + 8]))
      start += 8
    }
    state.absorb(Self.word(message[start...]) | UInt64(message.count) << 56)
    return state.finish()
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private struct State {
    private var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64)

    init(_ key: (UInt64, UInt64)) {
      a = key.0 ^ 0x736f_6d65_7073_6575
      b = key.1 ^ 0x646f_7261_6e64_6f6d
      c = key.0 ^ 0x6c79_6765_6e65_7261
      d = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
      d ^= word
      rounds(2)
      a ^= word
    }

    mutating func finish() -> UInt64 {
      c ^= 0xFF
      rounds(4)
      return a ^ b ^ c ^ d
    }

    private mutating func rounds(_ count: Int) {
      for _ in 0..<count {
        a &+= b
        b = rotate(b, 13) ^ a
        a = rotate(a, 32)
        c &+= d
        d = rotate(d, 16) ^ c
        a &+= d
        d = rotate(d, 21) ^ a
        c &+= b
        b = rotate(b, 17) ^ c
        c = rotate(c, 32)
      }
    }

    private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
  }
}
