/// Octets in the order of the network; a test spells them.
enum Stride {
  static let get: UInt64 = 0x4745_5420
  static let put: UInt64 = 0x5055_5420
  static let head: UInt64 = 0x48_4541_4420
  static let post: UInt64 = 0x50_4F53_5420
  static let patch: UInt64 = 0x5041_5443_4820
  static let delete: UInt64 = 0x44_454C_4554_4520
  static let options: UInt64 = 0x4F50_5449_4F4E_5320
  static let http: UInt64 = 0x4854_5450
  static let http11: UInt64 = 0x4854_5450_2F31_2E31
  static let lineEnd: UInt16 = 0x0D0A
  static let colonSpace: UInt16 = 0x3A20

  static let expect: UInt64 = 0x6578_7065_6374
  static let upgrade: UInt64 = 0x75_7067_7261_6465
  static let connecti: UInt64 = 0x636F_6E6E_6563_7469
  static let nnection: UInt64 = 0x6E6E_6563_7469_6F6E
  static let closeValue: UInt64 = 0x3A20_636C_6F73_650D
  static let keepAValue: UInt64 = 0x3A20_6B65_6570_2D61
  static let aliveEnd: UInt64 = 0x2D61_6C69_7665_0D0A
  static let keepAli: UInt64 = 0x6B65_6570_2D61_6C69
  static let epAlive: UInt64 = 0x6570_2D61_6C69_7665
  static let timeouValue: UInt64 = 0x3A20_7469_6D65_6F75
  static let timeoutIs: UInt64 = 0x7469_6D65_6F75_743D
  static let commaMaxIs: UInt64 = 0x2C20_6D61_783D
  static let content: UInt64 = 0x636F_6E74_656E_742D
  static let tLength: UInt64 = 0x742D_6C65_6E67_7468
  static let transfer: UInt64 = 0x7472_616E_7366_6572
  static let encodin: UInt64 = 0x2D65_6E63_6F64_696E
  static let gChunk: UInt64 = 0x673A_2063_6875_6E6B
  static let chunkedEnd: UInt64 = 0x6368_756E_6B65_640D

  /// Of names.
  static let conn = UInt32(truncatingIfNeeded: connecti >> 32)
  static let cont = UInt32(truncatingIfNeeded: content >> 32)
  static let expe = UInt32(truncatingIfNeeded: expect >> 16)
  static let keep = UInt32(truncatingIfNeeded: keepAli >> 32)
  static let tran = UInt32(truncatingIfNeeded: transfer >> 32)
  static let upgr = UInt32(truncatingIfNeeded: upgrade >> 24)

  /// What letters in lower case have and those in upper case have not.
  static let lowerCase: UInt64 = 0x2020_2020_2020_2020
  static let lowerCase4: UInt32 = 0x2020_2020
}

extension RawSpan {
  @inline(__always)
  func holds(_ count: Int, at offset: Int) -> Bool { holds(count, at: offset, before: byteCount) }

  /// Where the line after the one at `start` begins; nil when it does not end among these octets.
  @inline(__always)
  func nextLine(from start: Int) -> Int? {
    var lines = LineEnds(from: start)
    return lines.next(self).map { $0 &+ 1 }
  }

  /// The first octet from `start` on that may end a target, or must not be in it; their count when there is none.
  @inline(__always)
  func endOfTarget(from start: Int) -> Int {
    var position = start
    while holds(16, at: position) {
      if let found = firstControlOrSpace(of16From: position) { return position &+ found }
      position &+= 16
    }
    while holds(1, at: position), case let octet = uint8(at: position), octet > 0x20, octet != 0x7F {
      position &+= 1
    }
    return position
  }
}

extension UInt64 {
  /// Whether it is this text, whose letters are in lower case, in letters of any case.
  @inline(__always)
  func spells(_ text: UInt64) -> Bool {
    // Of what stands in names, letters alone have the bit 0x40.
    self | (text & 0x4040_4040_4040_4040) >> 1 == text
  }
}
