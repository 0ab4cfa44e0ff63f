/// The addresses that share their first bits (RFC 4632).
package struct CIDR: Hashable, Sendable, BitwiseCopyable {
  /// The first address: the bits after the prefix are zero, so that equal blocks compare equal.
  package let address: IPAddress
  /// At most 32 for IPv4, 128 for IPv6.
  package let prefixLength: UInt8

  /// The block in which `address` lies; nil for a prefix longer than the address.
  package init?(address: IPAddress, prefixLength: Int) {
    guard (0...(address.isIPv4 ? 32 : 128)).contains(prefixLength) else { return nil }
    self.prefixLength = UInt8(prefixLength)
    let mask = Self.mask(bits: address.isIPv4 ? prefixLength + 96 : prefixLength)
    self.address = IPAddress(high: address.high & mask.high, low: address.low & mask.low)
  }

  /// An IPv4 address is in no IPv6 block, not even in `::/0`.
  package func contains(_ other: IPAddress) -> Bool {
    guard other.isIPv4 == address.isIPv4 else { return false }
    let mask = Self.mask(bits: address.isIPv4 ? Int(prefixLength) + 96 : Int(prefixLength))
    return other.high & mask.high == address.high && other.low & mask.low == address.low
  }

  /// Shifts by 64 and more give zero.
  private static func mask(bits: Int) -> (high: UInt64, low: UInt64) {
    (UInt64.max << (64 - min(bits, 64)), UInt64.max << (128 - max(bits, 64)))
  }
}

extension CIDR: CustomStringConvertible {
  package var description: String { "\(address)/\(prefixLength)" }

  /// `10.0.0.0/8`, `2001:db8::/32`, or an address alone. Bits after the prefix are dropped: `192.0.2.7/24`, as an
  /// interface's address is written, means its network.
  package init?(_ text: some StringProtocol) {
    var scanner = TextScanner(text)
    guard let address = scanner.takeAddress() else { return nil }
    // An IPv4-mapped address may be written as IPv6, and then counts its prefix so.
    let isMapped = address.isIPv4 && text.utf8.contains(UInt8(ascii: ":"))
    var length = address.isIPv4 ? 32 : 128
    if scanner.take("/") {
      guard let written = scanner.takeDecimal(atMost: 128) else { return nil }
      length = Int(written) - (isMapped ? 96 : 0)
    }
    guard scanner.isAtEnd else { return nil }
    self.init(address: address, prefixLength: length)
  }
}
