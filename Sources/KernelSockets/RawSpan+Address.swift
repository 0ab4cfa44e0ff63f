internal import PacketDecoding

extension RawSpan {
  /// An address of a netlink message: 4 or 16 octets in network order. IPv4-mapped ones (a socket of AF_INET6 that
  /// talks IPv4) come out as IPv4, since `IPAddress` is the same value for both.
  func address(at offset: Int, family: UInt8) -> IPAddress? {
    switch Int32(family) {
    case AddressFamily.ipv4:
      return u32(at: offset).map { IPAddress(ipv4: UInt32(bigEndian: $0)) }
    case AddressFamily.ipv6:
      guard let high = u64(at: offset), let low = u64(at: offset + 8) else { return nil }
      return IPAddress(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    default:
      return nil
    }
  }
}

/// AF_INET and AF_INET6.
enum AddressFamily {
  static let ipv4: Int32 = 2
  static let ipv6: Int32 = 10
}
