/// The words of a head that mean something here, told apart by a hash, so that a word can be read across segments
/// without keeping a letter of it.
///
/// FNV-1a, 32 bits, of the lower-case letters. A word made to collide says no more than the word itself would.
@usableFromInline
struct WordHash: Sendable, BitwiseCopyable, Equatable {
  @usableFromInline private(set) var value: UInt32

  static let empty = WordHash()

  @inlinable
  init() {
    value = 2_166_136_261
  }

  init(_ value: UInt32) {
    self.value = value
  }

  var isEmpty: Bool { self == Self.empty }

  @inline(__always)
  mutating func add(_ octet: UInt8) { add(lowercase: octet.lowercased) }

  @inline(__always)
  mutating func add(lowercase octet: UInt8) {
    value = (value ^ UInt32(octet)) &* 16_777_619
  }
}

/// Hashes of words; a test computes them again.
enum Word {
  static let connect: UInt32 = 0xAAE0_CCF9
  static let delete: UInt32 = 0x67C2_444A
  static let get: UInt32 = 0x540C_A757
  static let head: UInt32 = 0x3269_4BC3
  static let options: UInt32 = 0xEF28_6CA5
  static let patch: UInt32 = 0xF910_0AA9
  static let post: UInt32 = 0x89E7_FA47
  static let pri: UInt32 = 0x567A_CACA
  static let put: UInt32 = 0x6972_99EE
  static let trace: UInt32 = 0x813D_75AE

  static let http: UInt32 = 0xC964_48A5
  static let version10: UInt32 = 0xEB42_1BF2
  static let version11: UInt32 = 0xEC42_1D85
  static let http10: UInt32 = 0x8D16_ACFB
  static let http11: UInt32 = 0x8C16_AB68
  static let http20: UInt32 = 0x4FEB_084A

  static let connection: UInt32 = 0x38B9_9ED9
  static let contentLength: UInt32 = 0x4DF9_451D
  static let expect: UInt32 = 0x96DA_6B58
  static let keepAlive: UInt32 = 0xE18E_DB80
  static let transferEncoding: UInt32 = 0xDDB4_744C
  static let upgrade: UInt32 = 0xDC97_CC77

  static let close: UInt32 = 0x27CB_3B23
  static let chunked: UInt32 = 0xD31F_4213
  static let h2c: UInt32 = 0x1632_3E94
  static let webSocket: UInt32 = 0xCEDC_7870
  static let continue100: UInt32 = 0x0F89_61DA
  /// With the `=` that follows.
  static let maxParameter: UInt32 = 0x996B_91AC
  static let timeoutParameter: UInt32 = 0xEE11_55EF
}

extension UInt8 {
  /// Only letters change.
  @inline(__always)
  var lowercased: UInt8 { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self }

  var isSpaceOrTab: Bool { self == 0x20 || self == 0x09 }

  /// 0 to 9 for a decimal digit.
  var decimalDigit: UInt8? {
    self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? self - UInt8(ascii: "0") : nil
  }

  /// The lower case of what is a letter; a hyphen stays one.
  @inline(__always)
  var asLetter: UInt8 { self | 0x20 }

  @inline(__always)
  var isLetter: Bool { asLetter &- UInt8(ascii: "a") < 26 }
}
