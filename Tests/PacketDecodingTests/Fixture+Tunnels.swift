import PacketDecoding

extension Fixture {
  /// Packets of another network inside an IP packet.
  static let tunnels: [Fixture] = [
    Fixture(
      "IPv4 in IPv4",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      45000041 00020000 3f0467b5 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "6in4",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      45000055 00020000 3f29677c 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "4in6",
      .ethernet,
      """
      020000000002 020000000001 86dd                // Ethernet
      60000000 002d043f fd000000 00000000 00000000
      00000001 fd000000 00000000 00000000 00000002  // IPv6, fd00::1 to fd00::2
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "6in6",
      .ethernet,
      """
      020000000002 020000000001 86dd                // Ethernet
      60000000 0041293f fd000000 00000000 00000000
      00000001 fd000000 00000000 00000000 00000002  // IPv6, fd00::1 to fd00::2
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "GRE",
      .raw,
      """
      45000045 00020000 3f2f6786 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      00000800                                      // GRE
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "GRE, IPv6",
      .raw,
      """
      60000000 00452f3f fd000000 00000000 00000000
      00000001 fd000000 00000000 00000000 00000002  // IPv6, fd00::1 to fd00::2
      000086dd                                      // GRE
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "GRE with checksum",
      .raw,
      """
      45000049 00020000 3f2f6782 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      80000800 64560000                             // GRE
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "GRE with key",
      .raw,
      """
      45000049 00020000 3f2f6782 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      20000800 00000007                             // GRE
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "GRE with sequence number",
      .raw,
      """
      45000049 00020000 3f2f6782 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      10000800 00000009                             // GRE
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "GRE with all three",
      .raw,
      """
      45000065 00020000 3f2f6766 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      b00086dd 62d70000 00000007 00000009           // GRE
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Ethernet over GRE",
      .raw,
      """
      45000057 00020000 3f2f6774 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      20006558 00000007                             // GRE
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "MPLS over GRE",
      .raw,
      """
      45000049 00020000 3f2f6782 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      00008847                                      // GRE
      00010140                                      // MPLS, label 16, bottom of stack
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "WCCP, version 1",
      .raw,
      """
      45000045 00020000 3f2f6786 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      0000883e                                      // GRE
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "WCCP, version 2",
      .raw,
      """
      45000049 00020000 3f2f6782 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      0000883e                                      // GRE
      00000000                                      // WCCP redirect header
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "PPTP",
      .raw,
      """
      45000051 00020000 3f2f677a 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      3001880b 0031 0042 00000001                   // GRE version 1 with key and sequence number
      ff03 0021                                     // PPP
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "PPTP with acknowledgment",
      .raw,
      """
      45000052 00020000 3f2f6779 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      3081880b 0031 0042 00000001 00000005          // GRE version 1, with acknowledgment
      21                                            // PPP, protocol compressed
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "ERSPAN I",
      .raw,
      """
      45000053 00020000 3f2f6778 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      000088be                                      // GRE
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "ERSPAN II",
      .raw,
      """
      4500005f 00020000 3f2f676c 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      100088be 00000001                             // GRE with sequence number
      10640064 00000001                             // ERSPAN II, session 100
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "ERSPAN III",
      .raw,
      """
      45000077 00020000 3f2f6754 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      100022eb 00000001                             // GRE with sequence number
      20640064 00000001 00000000                    // ERSPAN III, session 100
      020000000002 020000000001 86dd                // Ethernet
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "ERSPAN III with subheader",
      .raw,
      """
      4500006b 00020000 3f2f6760 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      100022eb 00000001                             // GRE with sequence number
      20640064 00000001 00000001                    // ERSPAN III, session 100
      14000000 00000000                             // platform specific subheader
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "ERSPAN III without Ethernet",
      .raw,
      """
      45000069 00020000 3f2f6762 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      100022eb 00000001                             // GRE with sequence number
      20640064 00000001 00000800                    // ERSPAN III, session 100, IP frames
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "VXLAN",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      4500005f 00020000 3f11678a 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c35012b5 004be890                             // UDP, 50000 to 4789
      0c000003 00100100                             // VXLAN, VNI 4097
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "VXLAN, old port, VLAN inside",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      45000077 00020000 3f116772 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c3502118 0063872a                             // UDP, 50000 to 8472
      0c000003 00100100                             // VXLAN, VNI 4097
      020000000002 020000000001 8100                // Ethernet
      006486dd                                      // 802.1Q, VLAN 100
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "VXLAN over IPv6",
      .ethernet,
      """
      020000000002 020000000001 86dd                // Ethernet
      60000000 004b113f fd000000 00000000 00000000
      00000001 fd000000 00000000 00000000 00000002  // IPv6, fd00::1 to fd00::2
      c35012b5 004b028f                             // UDP, 50000 to 4789
      0c000003 00100100                             // VXLAN, VNI 4097
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Geneve, Ethernet",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      4500005f 00020000 3f11678a 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c35017c1 004b892f                             // UDP, 50000 to 6081
      00006558 00100200                             // Geneve, VNI 4098
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Geneve, IPv4",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      45000051 00020000 3f116798 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c35017c1 003df2a6                             // UDP, 50000 to 6081
      00000800 00100200                             // Geneve, VNI 4098
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Geneve with options",
      .raw,
      """
      4500005d 00020000 3f11678c 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c35017c1 004948ec                             // UDP, 50000 to 6081
      03000800 00100200                             // Geneve, VNI 4098, 12 octets of options
      01020301 deadbeef                             // option, 4 octets of data
      01020400                                      // option without data
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Teredo",
      .raw,
      """
      4500005d 00020000 3f11678c 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c3500dd8 0049b3f6                             // UDP, 50000 to 3544
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Teredo with origin",
      .raw,
      """
      45000065 00020000 3f116784 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c3500dd8 005121a8                             // UDP, 50000 to 3544
      0000 9c3f f5fffffe                            // origin indication
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Teredo with authentication and origin",
      .raw,
      """
      45000075 00020000 3f116774 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      c3500dd8 006194b9                             // UDP, 50000 to 3544
      0001 02 01 aabb cc 0102030405060708 00        // authentication
      0000 9c3f f5fffffe                            // origin indication
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "VXLAN over GRE",
      .raw,
      """
      45000077 00020000 3f2f6754 0a000001 0a000002  // IPv4, 20 octets, 10.0.0.1 to 10.0.0.2
      00000800                                      // GRE
      4500005f 00030000 40112268 ac100001 ac100002  // IPv4, 20 octets, 172.16.0.1 to 172.16.0.2
      c35012b5 004ba46f                             // UDP, 50000 to 4789
      0c000003 00100100                             // VXLAN, VNI 4097
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
  ]
}
