import PacketDecoding

extension Fixture {
  /// What may stand between an IP header and TCP.
  static let networkLayers: [Fixture] = [
    Fixture(
      "IPv4 options",
      .raw,
      """
      47000035 00014000 40062f71 c0000201 c6336402
      0707040a 09090900                             // IPv4, 28 octets with options, 192.0.2.1 to 198.51.100.2
      9c400050 01020304 0a0b0c0d 501801f6 40860000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv4
    ),
    Fixture(
      "IPv4 AH",
      .raw,
      """
      45000045 00010000 40338e4e c0000201 c6336402  // IPv4, 20 octets, 192.0.2.1 to 198.51.100.2
      06040000 00000001 00000001 00000000 00000000
      00000000                                      // AH
      9c400050 01020304 0a0b0c0d 501801f6 40860000  // TCP, 40000 to 80, PSH ACK
      474554202f                                    // "GET /"
      """,
      holds: .ipv4
    ),
    Fixture(
      "hop-by-hop",
      .raw,
      """
      60000000 00210040 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06000502 00000100                             // hop-by-hop options, router alert
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "routing",
      .raw,
      """
      60000000 00312b40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06020200 00000000 20010db8 00000000 00000000
      00000002                                      // routing, type 2, arrived
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "destination options",
      .raw,
      """
      60000000 00293c40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      0601010c 00000000 00000000 00000000           // destination options, padding
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "fragment",
      .raw,
      """
      60000000 00212c40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06000000 00000009                             // fragment header, the only fragment
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "AH",
      .raw,
      """
      60000000 00313340 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06040000 00000001 00000001 00000000 00000000
      00000000                                      // AH
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "mobility",
      .raw,
      """
      60000000 00218740 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06000000 00000000                             // mobility, binding refresh request
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "HIP",
      .raw,
      """
      60000000 00418b40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06040111 00000000 00000000 00000000 00000000
      00000000 00000000 00000000 00000000 00000000  // HIP
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "shim6",
      .raw,
      """
      60000000 00218c40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      06008000 00000001                             // shim6, payload
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "all of them",
      .raw,
      """
      60000000 00a10040 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      2b000502 00000100                             // hop-by-hop options, router alert
      3c020200 00000000 20010db8 00000000 00000000
      00000002                                      // routing, type 2, arrived
      2c01010c 00000000 00000000 00000000           // destination options, padding
      33000000 00000009                             // fragment header, the only fragment
      87040000 00000001 00000001 00000000 00000000
      00000000                                      // AH
      8b000000 00000000                             // mobility, binding refresh request
      8c040111 00000000 00000000 00000000 00000000
      00000000 00000000 00000000 00000000 00000000  // HIP
      06008000 00000001                             // shim6, payload
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "all of them, backwards",
      .raw,
      """
      60000000 00a18c40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000002  // IPv6, 2001:db8::1 to 2001:db8::2
      8b008000 00000001                             // shim6, payload
      87040111 00000000 00000000 00000000 00000000
      00000000 00000000 00000000 00000000 00000000  // HIP
      33000000 00000000                             // mobility, binding refresh request
      2c040000 00000001 00000001 00000000 00000000
      00000000                                      // AH
      3c000000 00000009                             // fragment header, the only fragment
      2b01010c 00000000 00000000 00000000           // destination options, padding
      00020200 00000000 20010db8 00000000 00000000
      00000002                                      // routing, type 2, arrived
      06000502 00000100                             // hop-by-hop options, router alert
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "source route, not yet arrived",
      .raw,
      """
      60000000 00412b40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000055  // IPv6, 2001:db8::1 to 2001:db8::55
      06040001 00000000 20010db8 00000000 00000000
      00000099 20010db8 00000000 00000000 00000002  // routing, type 0, one segment left
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
    Fixture(
      "segment route, not yet arrived",
      .raw,
      """
      60000000 00412b40 20010db8 00000000 00000000
      00000001 20010db8 00000000 00000000 00000055  // IPv6, 2001:db8::1 to 2001:db8::55
      06040401 01000000 20010db8 00000000 00000000
      00000002 20010db8 00000000 00000000 00000055  // segment routing, one segment left
      9c400050 01020304 0a0b0c0d 501801f6 d1480000  // TCP, 40000 to 80, PSH ACK
      47455420 2f                                   // "GET /"
      """,
      holds: .ipv6
    ),
  ]
}
