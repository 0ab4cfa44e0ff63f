import PacketDecoding

extension Fixture {
  /// ICMP errors that quote the TCP segment of the other fixtures.
  static let icmpErrors: [Fixture] = [
    Fixture(
      "host unreachable, 8 octets of TCP",
      .raw,
      """
      45000038 00040000 3c0180b6 cb007109 c0000201  // IPv4, 20 octets, 203.0.113.9 to 192.0.2.1
      03015c68 00000000                             // ICMP, destination unreachable, host
      4500002d 00014000 40064e93 c0000201 c6336402  // quoted IPv4, 192.0.2.1 to 198.51.100.2
      9c400050 01020304                             // quoted TCP, ports and sequence number
      """,
      holds: .icmpError(.hostUnreachable)
    ),
    Fixture(
      "packet too big, IPv6",
      .raw,
      """
      60000000 00383a3c 20010db8 00000000 00000000
      00000009 20010db8 00000000 00000000 00000001  // IPv6, 2001:db8::9 to 2001:db8::1
      02003aac 00000500                             // ICMPv6, packet too big
      60000000 00190640 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // quoted IPv6, 2001:db8::1 to 2001:db8::2
      9c400050 01020304                             // quoted TCP, ports and sequence number
      """,
      holds: .icmpError(.packetTooBig)
    ),
    Fixture(
      "port unreachable, IPv6, extension headers in the quote",
      .raw,
      """
      60000000 00483a3c 20010db8 00000000 00000000
      00000009 20010db8 00000000 00000000 00000001  // IPv6, 2001:db8::9 to 2001:db8::1
      01040e84 00000000                             // ICMPv6, destination unreachable, port
      60000000 00210040 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // quoted IPv6, 2001:db8::1 to 2001:db8::2
      2c000502 00000100                             // quoted hop-by-hop options
      06000001 00000009                             // quoted fragment header, first of several
      9c400050 01020304                             // quoted TCP, ports and sequence number
      """,
      holds: .icmpError(.portUnreachable)
    ),
    Fixture(
      "time exceeded, in GRE",
      .raw,
      """
      45000050 00020000 3f2f677b 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      00000800                                      // GRE
      45000038 00040000 3c0180b6 cb007109 c0000201  // IPv4, 20 octets, 203.0.113.9 to 192.0.2.1
      0b005469 00000000                             // ICMP, time exceeded
      4500002d 00014000 40064e93 c0000201 c6336402  // quoted IPv4, 192.0.2.1 to 198.51.100.2
      9c400050 01020304                             // quoted TCP, ports and sequence number
      """,
      holds: .icmpError(.timeExceeded)
    ),
  ]
}
