package import PacketDecoding

/// The addresses of this network namespace.
package struct LocalAddresses: Hashable, Sendable {
  package let addresses: Set<IPAddress>

  package init(_ addresses: Set<IPAddress>) {
    self.addresses = addresses
  }

  package init(of interfaces: [NetworkInterface]) {
    self.init(Set(interfaces.lazy.flatMap(\.addresses)))
  }

  /// All of 127.0.0.0/8 is local, although only 127.0.0.1 is listed (RFC 1122, 3.2.1.3).
  package func isLocal(_ address: IPAddress) -> Bool {
    address.isIPv4Loopback || addresses.contains(address)
  }
}

extension IPAddress {
  var isIPv4Loopback: Bool { isIPv4 && low & 0xff00_0000 == 0x7f00_0000 }
  /// fe80::/10 (RFC 4291, 2.5.6).
  var isIPv6LinkLocal: Bool { high >> 54 == 0xfe80 >> 6 }
}
