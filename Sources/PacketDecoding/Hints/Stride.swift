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

  static let closeLine: UInt64 = 0x63_6C6F_7365_0D0A
  static let veLine: UInt64 = 0x7665_0D0A

  /// What letters in lower case have and those in upper case have not.
  static let lowerCase: UInt64 = 0x2020_2020_2020_2020
  static let lineFeeds: UInt64 = 0x0A0A_0A0A_0A0A_0A0A
}

extension RawSpan {
  @inline(__always)
  func holds(_ count: Int, at offset: Int) -> Bool { holds(count, at: offset, before: byteCount) }

  /// Where the line after the one at `start` begins; nil when it does not end among these octets.
  @inline(__always)
  func nextLine(from start: Int) -> Int? {
    var position = start
    while holds(16, at: position) {
      if let end = octets16(at: position).firstLineFeed { return position &+ end &+ 1 }
      position &+= 16
    }
    if holds(8, at: position) {
      if let end = uint64(at: position).first(of: Stride.lineFeeds) { return position &+ end &+ 1 }
      position &+= 8
    }
    while holds(1, at: position) {
      position &+= 1
      if uint8(at: position &- 1) == .lineFeed { return position }
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

  /// Which of its octets, the most significant first, is the first up to a space, or DEL.
  @inline(__always)
  var firstControlOrSpace: Int? {
    let octets = byteSwapped
    let deletes = octets ^ 0x7F7F_7F7F_7F7F_7F7F
    // As above, the lowest bit is right.
    let low = (octets &- 0x2121_2121_2121_2121) & ~octets
    let found = (low | (deletes &- 0x0101_0101_0101_0101) & ~deletes) & 0x8080_8080_8080_8080
    return found == 0 ? nil : found.trailingZeroBitCount / 8
  }

  /// Whether it is this text, whose letters are in lower case, in letters of any case.
  @inline(__always)
  func spells(_ text: UInt64) -> Bool {
    // Of what stands in names, letters alone have the bit 0x40.
    self | (text & 0x4040_4040_4040_4040) >> 1 == text
  }
}

extension SIMD16<UInt8> {
  /// Which of its octets is the first line feed.
  @inline(__always)
  var firstLineFeed: Int? {
    // All bits of a lane, or none: any bit pattern is two words.
    let found = unsafe unsafeBitCast(self .== SIMD16(repeating: .lineFeed), to: SIMD2<UInt64>.self)
    let (first, second) = (UInt64(littleEndian: found.x), UInt64(littleEndian: found.y))
    if first != 0 { return first.trailingZeroBitCount / 8 }
    return second == 0 ? nil : 8 + second.trailingZeroBitCount / 8
  }
}
