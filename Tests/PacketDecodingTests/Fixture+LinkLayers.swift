import PacketDecoding

extension Fixture {
  /// What may stand before an IP packet of the same network.
  static let linkLayers: [Fixture] = [
    Fixture(
      "IPv4",
      .ethernet,
      """
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "IPv6",
      .ethernet,
      """
      020000000002 020000000001 86dd                // Ethernet
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "802.1Q",
      .ethernet,
      """
      020000000002 020000000001 8100                // Ethernet
      00640800                                      // 802.1Q, VLAN 100
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "802.1Q, IPv6",
      .ethernet,
      """
      020000000002 020000000001 8100                // Ethernet
      006486dd                                      // 802.1Q, VLAN 100
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "802.1ad",
      .ethernet,
      """
      020000000002 020000000001 88a8                // Ethernet
      00078100                                      // 802.1ad, VLAN 7
      00640800                                      // 802.1Q, VLAN 100
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "three tags, the outer two of before 802.1ad",
      .ethernet,
      """
      020000000002 020000000001 9100                // Ethernet
      0007 9200                                     // tag, VLAN 7
      0008 8100                                     // tag, VLAN 8
      0064 0800                                     // 802.1Q, VLAN 100
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "802.1BR",
      .ethernet,
      """
      020000000002 020000000001 893f                // Ethernet
      0000 0001 0000 0800                           // E-tag
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "VN-tag, then 802.1Q",
      .ethernet,
      """
      020000000002 020000000001 8926                // Ethernet
      80010002 8100                                 // VN-tag
      0064 86dd                                     // 802.1Q, VLAN 100
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "FabricPath",
      .ethernet,
      """
      020000000004 020000000003 8903                // Ethernet
      0060                                          // FabricPath tag
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "SNAP",
      .ethernet,
      """
      020000000002 020000000001 0035                // Ethernet, with a length
      aaaa03                                        // LLC
      00000008 00                                   // SNAP
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "MPLS",
      .ethernet,
      """
      020000000002 020000000001 8847                // Ethernet
      00010140                                      // MPLS, label 16, bottom of stack
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "two MPLS labels, IPv6",
      .ethernet,
      """
      020000000002 020000000001 8847                // Ethernet
      00010040                                      // MPLS, label 16
      00011140                                      // MPLS, label 17, bottom of stack
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Ethernet over MPLS",
      .ethernet,
      """
      020000000002 020000000001 8847                // Ethernet
      00010140                                      // MPLS, label 16, bottom of stack
      00000000                                      // control word
      020000000002 020000000001 0800                // Ethernet
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "PPPoE",
      .ethernet,
      """
      020000000002 020000000001 8864                // Ethernet
      11000011 002f                                 // PPPoE, session
      0021                                          // PPP
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "PPPoE in a VLAN, IPv6",
      .ethernet,
      """
      020000000002 020000000001 8100                // Ethernet
      00078864                                      // 802.1Q, VLAN 7
      11000011 0043                                 // PPPoE, session
      0057                                          // PPP
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Linux cooked",
      .linuxCooked,
      """
      00000200 00060200 00000001 00000800           // Linux cooked
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Linux cooked, VLAN, IPv6",
      .linuxCooked,
      """
      00000200 00060200 00000001 00008100           // Linux cooked
      006486dd                                      // 802.1Q, VLAN 100
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Linux cooked 2",
      .linuxCooked2,
      """
      08000000 00000002 00010006 02000000 00010000  // Linux cooked 2, interface 2
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Linux cooked 2, IPv6",
      .linuxCooked2,
      """
      86dd0000 00000002 00010006 02000000 00010000  // Linux cooked 2, interface 2
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "Linux cooked 2, VLAN",
      .linuxCooked2,
      """
      81000000 00000002 00010006 02000000 00010000  // Linux cooked 2, interface 2
      0064 0800                                     // 802.1Q, VLAN 100
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture("raw, IPv4", .raw, tcpOverIPv4, holds: .ipv4),
    Fixture("raw, IPv6", .raw, tcpOverIPv6, holds: .ipv6),
    Fixture("raw as DLT 12, IPv4", LinkType(rawValue: 12), tcpOverIPv4, holds: .ipv4),
    Fixture("raw as DLT 12, IPv6", LinkType(rawValue: 12), tcpOverIPv6, holds: .ipv6),
    Fixture("raw as DLT 14, IPv4", LinkType(rawValue: 14), tcpOverIPv4, holds: .ipv4),
    Fixture("raw as DLT 14, IPv6", LinkType(rawValue: 14), tcpOverIPv6, holds: .ipv6),
    Fixture("IPv4 alone", .ipv4, tcpOverIPv4, holds: .ipv4),
    Fixture("IPv6 alone", .ipv6, tcpOverIPv6, holds: .ipv6),
    Fixture(
      "null, little-endian",
      .null,
      """
      02000000                                      // AF_INET
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "null, big-endian",
      .null,
      """
      00000002                                      // AF_INET
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "null, little-endian, Linux",
      .null,
      """
      0a000000                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, big-endian, Linux",
      .null,
      """
      0000000a                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, little-endian, NetBSD, OpenBSD",
      .null,
      """
      18000000                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, big-endian, NetBSD, OpenBSD",
      .null,
      """
      00000018                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, little-endian, FreeBSD",
      .null,
      """
      1c000000                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, big-endian, FreeBSD",
      .null,
      """
      0000001c                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, little-endian, macOS",
      .null,
      """
      1e000000                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "null, big-endian, macOS",
      .null,
      """
      0000001e                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "loop",
      .loop,
      """
      00000002                                      // AF_INET
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "loop, IPv6",
      .loop,
      """
      00000018                                      // AF_INET6
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "PPP",
      .ppp,
      """
      0021                                          // PPP
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "PPP with address and control",
      .pppHDLC,
      """
      ff03 0057                                     // PPP
      """ + tcpOverIPv6,
      holds: .ipv6
    ),
    Fixture(
      "PPP, protocol compressed",
      .ppp,
      """
      21                                            // PPP
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
    Fixture(
      "Cisco HDLC",
      .ciscoHDLC,
      """
      0f00 0800                                     // Cisco HDLC
      """ + tcpOverIPv4,
      holds: .ipv4
    ),
  ]
}
