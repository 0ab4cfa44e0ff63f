/// Reads addresses and numbers out of UTF-8 text, strictly: no spaces, signs, or digits that are not ASCII.
struct TextScanner {
  private var rest: Substring.UTF8View

  init(_ text: some StringProtocol) {
    rest = Substring(text).utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  var isAtHexDigit: Bool { rest.first.flatMap(Self.hexDigit) != nil }

  func begins(with text: String) -> Bool {
    rest.starts(with: text.utf8)
  }

  /// Takes `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    guard begins(with: text) else { return false }
    rest.removeFirst(text.utf8.count)
    return true
  }

  /// A decimal number up to `maximum`, without leading zeros.
  mutating func takeDecimal(atMost maximum: UInt32) -> UInt32? {
    var value: UInt32 = 0
    var count = 0
    let hasLeadingZero = rest.first == UInt8(ascii: "0")
    while let byte = rest.first, byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
      value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
      count += 1
      guard value <= maximum && !(hasLeadingZero && count > 1) else { return nil }
      rest.removeFirst()
    }
    return count == 0 ? nil : value
  }

  mutating func takeDigit() -> Int64? {
    guard let byte = rest.first, byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") else { return nil }
    rest.removeFirst()
    return Int64(byte - UInt8(ascii: "0"))
  }

  /// One to four hexadecimal digits, of either case.
  mutating func takeHexGroup() -> UInt16? {
    var value: UInt16 = 0
    var count = 0
    while count < 4, let byte = rest.first, let digit = Self.hexDigit(byte) {
      value = value << 4 | digit
      count += 1
      rest.removeFirst()
    }
    return count == 0 ? nil : value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
