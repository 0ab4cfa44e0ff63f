/// What follows an Ethernet header (IEEE 802 Numbers, IANA; Linux include/uapi/linux/if_ether.h).
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86DD
  /// IEEE 802.1Q, IEEE 802.1ad, and the two numbers that stacked tags had before 802.1ad.
  static let vlan: UInt16 = 0x8100
  static let serviceVLAN: UInt16 = 0x88A8
  static let oldServiceVLAN: UInt16 = 0x9100
  static let olderServiceVLAN: UInt16 = 0x9200
  /// Tags of switches, seen at mirror ports: IEEE 802.1BR, and Cisco's forerunner.
  static let etag: UInt16 = 0x893F
  static let vntag: UInt16 = 0x8926
  /// Cisco FabricPath: a frame in a frame.
  static let fabricPath: UInt16 = 0x8903
  static let mpls: UInt16 = 0x8847
  static let mplsMulticast: UInt16 = 0x8848
  static let pppoeSession: UInt16 = 0x8864
  /// An Ethernet frame in GRE or Geneve (RFC 1701, NVGRE RFC 7637, RFC 8926).
  static let transparentEthernet: UInt16 = 0x6558
  /// In GRE: PPP (RFC 2637), redirected web traffic (WCCP), mirrored frames.
  static let ppp: UInt16 = 0x880B
  static let wccp: UInt16 = 0x883E
  static let erspan2: UInt16 = 0x88BE
  static let erspan3: UInt16 = 0x22EB
  /// Up to this the field is a length, and an LLC header follows (IEEE 802.3, 3.2.6).
  static let longestLength: UInt16 = 0x05DC
}

/// What follows an IP header (IANA, Assigned Internet Protocol Numbers).
enum IPProtocol {
  static let icmp: UInt8 = 1
  static let ipv4: UInt8 = 4
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  static let ipv6: UInt8 = 41
  static let gre: UInt8 = 47
  static let icmpv6: UInt8 = 58

  // Headers that another header follows (RFC 8200, 4).
  static let hopByHop: UInt8 = 0
  static let routing: UInt8 = 43
  static let fragment: UInt8 = 44
  static let authentication: UInt8 = 51
  static let destinationOptions: UInt8 = 60
  static let mobility: UInt8 = 135
  static let hostIdentity: UInt8 = 139
  static let shim6: UInt8 = 140
}

/// UDP ports of tunnels.
enum TunnelPort {
  /// RFC 7348, and what Linux used before (drivers/net/vxlan: the default is still 8472).
  static let vxlan: UInt16 = 4789
  static let oldVXLAN: UInt16 = 8472
  /// RFC 8926, 3.3.
  static let geneve: UInt16 = 6081
  /// RFC 4380, 2.7.
  static let teredo: UInt16 = 3544
}

/// PPP's protocol field (RFC 1332, RFC 5072, RFC 3032).
enum PPPProtocol {
  static let ipv4: UInt16 = 0x0021
  static let ipv6: UInt16 = 0x0057
  static let mpls: UInt16 = 0x0281
}

/// Address families in a loopback header: that of the system that wrote the capture.
enum AddressFamily {
  static let ipv4: UInt32 = 2
  /// Linux 10, NetBSD and OpenBSD (and Npcap) 24, FreeBSD 28, macOS 30.
  static func isIPv6(_ family: UInt32) -> Bool {
    family == 30 || family == 10 || family == 24 || family == 28
  }
}
