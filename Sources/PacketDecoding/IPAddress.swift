/// An IPv4 or IPv6 address.
///
/// IPv4 is kept as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2). The decoder refuses IPv6 packets that carry such an address,
/// as the kernel does, so that one value means one family.
@usableFromInline
package struct IPAddress: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package let high: UInt64
  @usableFromInline package let low: UInt64

  @inlinable
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// An IPv4 address in host byte order: 0x7F000001 is 127.0.0.1.
  @inlinable
  package init(ipv4 address: UInt32) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address))
  }

  @inlinable
  package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  package var isLoopback: Bool {
    isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1
  }

  /// Whether a listener bound to this address is reached at `other` too. That of IPv6 takes IPv4 as well (ipv6(7),
  /// IPV6_V6ONLY).
  package func isWildcard(for other: IPAddress) -> Bool {
    guard high == 0 else { return false }
    return low == 0 || low == 0xFFFF_0000_0000 && other.isIPv4
  }
}

/// An address and a TCP port.
@usableFromInline
package struct Endpoint: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package let address: IPAddress
  @usableFromInline package let port: UInt16

  @inlinable
  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}
