/// Reads decisions off the front of what the fuzzer made up; past its end everything is 0.
package struct FuzzInput {
  private let octets: [UInt8]
  package private(set) var offset = 0

  package init(_ octets: RawSpan) {
    self.octets = unsafe octets.withUnsafeBytes { unsafe Array($0) }
  }

  package var isEmpty: Bool { offset >= octets.count }

  package mutating func octet() -> UInt8 {
    guard offset < octets.count else { return 0 }
    defer { offset += 1 }
    return octets[offset]
  }

  package mutating func below(_ limit: Int) -> Int { Int(octet()) % limit }
  package mutating func word() -> UInt16 { UInt16(octet()) << 8 | UInt16(octet()) }

  /// The next octets, fewer at the end.
  package mutating func take(_ count: Int) -> Range<Int> {
    let start = min(offset, octets.count)
    offset = min(start + count, octets.count)
    return start..<offset
  }

  package mutating func rest() -> Range<Int> { take(octets.count) }
}

extension RawSpan {
  package var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
