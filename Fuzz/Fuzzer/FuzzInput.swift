/// Reads decisions off the front of what the fuzzer made up; past its end everything is 0.
struct FuzzInput {
  private let octets: [UInt8]
  private(set) var offset = 0

  init(_ octets: RawSpan) {
    self.octets = unsafe octets.withUnsafeBytes { unsafe Array($0) }
  }

  var isEmpty: Bool { offset >= octets.count }

  mutating func octet() -> UInt8 {
    guard offset < octets.count else { return 0 }
    defer { offset += 1 }
    return octets[offset]
  }

  mutating func below(_ limit: Int) -> Int { Int(octet()) % limit }
  mutating func word() -> UInt16 { UInt16(octet()) << 8 | UInt16(octet()) }

  /// The next octets, fewer at the end.
  mutating func take(_ count: Int) -> Range<Int> {
    let start = min(offset, octets.count)
    offset = min(start + count, octets.count)
    return start..<offset
  }

  mutating func rest() -> Range<Int> { take(octets.count) }
}

extension RawSpan {
  var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
