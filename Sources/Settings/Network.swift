package import PacketDecoding

/// Addresses that share a prefix: `10.0.0.0/8`, `fd00::/8`; without a length, one address.
package struct Network: Sendable, Equatable {
  package let address: IPAddress
  /// Of the address as it is kept: an IPv4 length plus 96.
  private let mappedLength: Int

  /// nil for text that is no network, and for one whose host bits are not zero: that is a typing error more often than not.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first, let address = AddressParsing.address(String(host)) else { return nil }
    let width = address.isIPv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = AddressParsing.decimal(parts[1]), given <= width else { return nil }
      length = given
    }
    self.address = address
    mappedLength = length + (128 - width)
    guard Self.mask(address, mappedLength) == address else { return nil }
  }

  package var prefixLength: Int { address.isIPv4 ? mappedLength - 96 : mappedLength }

  package func contains(_ other: IPAddress) -> Bool {
    Self.mask(other, mappedLength) == address
  }

  private static func mask(_ address: IPAddress, _ length: Int) -> IPAddress {
    let high = length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(length))
    let low = length <= 64 ? 0 : ~(UInt64.max >> UInt64(length - 64))
    return IPAddress(high: address.high & high, low: address.low & low)
  }
}
