internal import PacketDecoding

/// Writes one program. Everything behind the link layer is read at X + `base` + field, X being the length of the VLAN
/// tags, and later of the IPv4 header, in between. Cooked captures need it so: the kernel runs the filter on the packet
/// without the cooked header, and libpcap subtracts that header's length from each k, also of indexed loads
/// (fix_offset, pcap-linux.c).
///
/// A load beyond the end of the frame ends a program with "drop", so lengths need no checks.
struct FilterWriter {
  private let filter: CaptureFilter
  private let base: UInt32
  private var code = BPFAssembler()
  private let accept: BPFAssembler.Label
  private let drop: BPFAssembler.Label
  private let ipv4: BPFAssembler.Label
  private let ipv6: BPFAssembler.Label

  private static let maximumTags: UInt32 = 3
  private static let tagLength: UInt32 = 4

  private enum EtherType {
    static let ipv4: UInt32 = 0x0800
    static let ipv6: UInt32 = 0x86dd
    /// 802.1Q, 802.1ad, and what QinQ used before 802.1ad.
    static let tags: [UInt32] = [0x8100, 0x88a8, 0x9100]
    /// MPLS unicast and multicast, PPPoE session.
    static let tunnels: [UInt32] = [0x8847, 0x8848, 0x8864]
  }

  /// https://www.iana.org/assignments/protocol-numbers
  private enum IPProtocol {
    static let icmp: UInt32 = 1
    static let tcp: UInt32 = 6
    static let udp: UInt32 = 17
    static let icmp6: UInt32 = 58
    /// IPv4, IPv6, GRE.
    static let tunnels: [UInt32] = [4, 41, 47]
    /// Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6.
    static let ipv6Extensions: [UInt32] = [0, 43, 44, 51, 60, 135, 139, 140]
  }

  /// VXLAN (RFC 7348), VXLAN as Linux had it before that, Geneve (RFC 8926).
  private static let tunnelPorts: [UInt32] = [4789, 8472, 6081]
  /// FIN, SYN, RST.
  private static let controlFlags: UInt32 = 0x07

  init(filter: CaptureFilter, base: UInt32) {
    self.filter = filter
    self.base = base
    accept = code.makeLabel()
    drop = code.makeLabel()
    ipv4 = code.makeLabel()
    ipv6 = code.makeLabel()
  }

  mutating func write(_ layout: LinkLayout) throws(BPFAssembler.Fault) -> [BPFInstruction] {
    if let offset = layout.typeOffset { writeEtherTypes(at: offset) } else { writeVersions() }
    writeIPv4()
    writeIPv6()
    code.place(accept)
    code.emit(.keep, filter.snapLength)
    code.place(drop)
    code.emit(.keep, 0)
    return try code.assemble()
  }
}

// MARK: Link layer

extension FilterWriter {
  /// The outermost tag of a live frame is mostly not in the packet but in its metadata, where the kernel keeps it
  /// (skb_vlan_untag): what it carried then looks untagged. Further tags, and all those in files, are in the packet.
  private mutating func writeEtherTypes(at offset: UInt32) {
    code.emit(.loadHalf, offset)
    for tags in 0...Self.maximumTags {
      code.emit(.setIndex, tags * Self.tagLength)
      code.jump(if: .equals(EtherType.ipv4), to: ipv4)
      code.jump(if: .equals(EtherType.ipv6), to: ipv6)
      if filter.includesTunnels { code.jump(ifAnyOf: EtherType.tunnels, to: accept) }
      if tags < Self.maximumTags {
        let tagged = code.makeLabel()
        code.jump(ifAnyOf: EtherType.tags, to: tagged)
        code.jump(to: drop)
        code.place(tagged)
        // Behind the two octets of the tag itself.
        code.emit(.loadHalf, base + tags * Self.tagLength + 2)
      }
    }
    code.jump(to: drop)
  }

  /// No EtherType: the first four bits of the packet are the version.
  private mutating func writeVersions() {
    code.emit(.setIndex, 0)
    code.emit(.loadByte, base)
    code.emit(.and, 0xf0)
    code.jump(if: .equals(0x40), to: ipv4)
    code.jump(if: .equals(0x60), to: ipv6, otherwise: drop)
  }
}

// MARK: IPv4 (RFC 791, 3.1)

extension FilterWriter {
  private mutating func writeIPv4() {
    let tcp = code.makeLabel()
    let icmp = code.makeLabel()
    let udp = code.makeLabel()
    code.place(ipv4)
    code.emit(.loadByteIndexed, base + 9)
    code.jump(if: .equals(IPProtocol.tcp), to: tcp)
    code.jump(if: .equals(IPProtocol.icmp), to: icmp)
    if filter.includesTunnels {
      code.jump(ifAnyOf: IPProtocol.tunnels, to: accept)
      code.jump(if: .equals(IPProtocol.udp), to: udp)
    }
    code.jump(to: drop)

    code.place(tcp)
    dropLaterFragments()
    if filter.tier != .control {
      code.jump(to: accept)
    } else {
      skipIPv4Header()
      writeFlags(at: base)
    }
    code.place(icmp)
    dropLaterFragments()
    skipIPv4Header()
    // Destination unreachable, time exceeded, parameter problem (RFC 792): the errors that quote a segment.
    code.emit(.loadByteIndexed, base)
    code.jump(ifAnyOf: [3, 11, 12], to: accept)
    code.jump(to: drop)
    if filter.includesTunnels {
      code.place(udp)
      dropLaterFragments()
      skipIPv4Header()
      writeTunnelPorts(at: base)
    }
  }

  /// A fragment with an offset starts with payload and not with a header.
  private mutating func dropLaterFragments() {
    code.emit(.loadHalfIndexed, base + 6)
    code.jump(if: .hasAnyBit(of: 0x1fff), to: drop)
  }

  /// X ← X + 4 × IHL.
  private mutating func skipIPv4Header() {
    code.emit(.loadByteIndexed, base)
    code.emit(.and, 0x0f)
    code.emit(.shiftLeft, 2)
    code.emit(.addIndex)
    code.emit(.copyToIndex)
  }
}

// MARK: IPv6 (RFC 8200, 3)

extension FilterWriter {
  /// Extension headers cannot be walked without loops: a packet with one passes, and the decoder walks them.
  private mutating func writeIPv6() {
    let transport = base + 40
    let tcp = code.makeLabel()
    let icmp = code.makeLabel()
    let udp = code.makeLabel()
    code.place(ipv6)
    code.emit(.loadByteIndexed, base + 6)
    code.jump(if: .equals(IPProtocol.tcp), to: filter.tier == .control ? tcp : accept)
    code.jump(ifAnyOf: IPProtocol.ipv6Extensions, to: accept)
    code.jump(if: .equals(IPProtocol.icmp6), to: icmp)
    if filter.includesTunnels {
      code.jump(ifAnyOf: IPProtocol.tunnels, to: accept)
      code.jump(if: .equals(IPProtocol.udp), to: udp)
    }
    code.jump(to: drop)

    if filter.tier == .control {
      code.place(tcp)
      writeFlags(at: transport)
    }
    code.place(icmp)
    // Types 1 to 4 are the errors (RFC 4443, 2.1).
    code.emit(.loadByteIndexed, transport)
    code.jump(if: .equals(0), to: drop)
    code.jump(if: .greater(than: 4), to: drop, otherwise: accept)
    if filter.includesTunnels {
      code.place(udp)
      writeTunnelPorts(at: transport)
    }
  }
}

// MARK: Behind the network layer

extension FilterWriter {
  private mutating func writeFlags(at transport: UInt32) {
    code.emit(.loadByteIndexed, transport + 13)
    code.jump(if: .hasAnyBit(of: Self.controlFlags), to: accept, otherwise: drop)
  }

  private mutating func writeTunnelPorts(at transport: UInt32) {
    code.emit(.loadHalfIndexed, transport + 2)
    code.jump(ifAnyOf: Self.tunnelPorts, to: accept)
    code.jump(to: drop)
  }
}
