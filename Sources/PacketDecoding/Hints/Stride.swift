/// Octets in the order of the network; a test spells them.
enum Stride {
  static let get: UInt64 = 0x4745_5420
  static let put: UInt64 = 0x5055_5420
  static let head: UInt64 = 0x48_4541_4420
  static let post: UInt64 = 0x50_4F53_5420
  static let http11: UInt64 = 0x4854_5450_2F31_2E31
  static let lineEnd: UInt16 = 0x0D0A

  static let expect: UInt64 = 0x6578_7065_6374
  static let upgrade: UInt64 = 0x75_7067_7261_6465
  static let connecti: UInt64 = 0x636F_6E6E_6563_7469
  static let nnection: UInt64 = 0x6E6E_6563_7469_6F6E
  static let keepAli: UInt64 = 0x6B65_6570_2D61_6C69
  static let epAlive: UInt64 = 0x6570_2D61_6C69_7665
  static let content: UInt64 = 0x636F_6E74_656E_742D
  static let tLength: UInt64 = 0x742D_6C65_6E67_7468
  static let transfer: UInt64 = 0x7472_616E_7366_6572
  static let encoding: UInt64 = 0x656E_636F_6469_6E67

  static let lineFeeds: UInt64 = 0x0A0A_0A0A_0A0A_0A0A
  static let colons: UInt64 = 0x3A3A_3A3A_3A3A_3A3A
}

extension RawSpan {
  @inline(__always)
  func holds(_ count: Int, at offset: Int) -> Bool { holds(count, at: offset, before: byteCount) }

  /// How far behind `start` the first colon is, unless it is farther than any name that means something here.
  func colon(behind start: Int) -> Int? {
    for stride in 0..<3 {
      let offset = start + 8 * stride
      guard holds(8, at: offset) else { return nil }
      if let found = uint64(at: offset).first(of: Stride.colons) { return 8 * stride + found }
    }
    return nil
  }
}

extension UInt64 {
  /// Which of its octets, the most significant first, is the first that equals the one that `octets` repeats.
  @inline(__always)
  func first(of octets: UInt64) -> Int? {
    let others = byteSwapped ^ octets
    // The lowest bit that the subtraction borrows is right; others need not be.
    let found = (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
    return found == 0 ? nil : found.trailingZeroBitCount / 8
  }

  /// Whether it is this text, whose letters are in lower case, in letters of any case.
  @inline(__always)
  func spells(_ text: UInt64) -> Bool {
    // Of what stands in names, letters alone have the bit 0x40.
    self | (text & 0x4040_4040_4040_4040) >> 1 == text
  }
}
