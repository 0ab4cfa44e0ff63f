package import PacketDecoding

/// What the kernel is asked to hand over.
///
/// The programs are written in octet offsets and not compiled from expressions: `tcp` misses TCP behind IPv6 extension
/// headers and in tunnels, `tcp[tcpflags]` looks at IPv4 only, and `vlan` cannot be had on cooked captures.
package struct CaptureFilter: Hashable, Sendable {
  package var tier: CaptureTier
  /// MPLS, PPPoE, GRE, IP in IP, VXLAN and Geneve pass too.
  package var includesTunnels: Bool
  /// The first octets of a frame that are kept.
  package var snapLength: UInt32

  package init(tier: CaptureTier = .full, includesTunnels: Bool = true, snapLength: UInt32 = 65535) {
    self.tier = tier
    self.includesTunnels = includesTunnels
    self.snapLength = snapLength
  }
}

extension CaptureFilter: CustomStringConvertible {
  package var description: String {
    let segments =
      switch tier {
      case .full: "all TCP segments"
      case .headers: "the headers of all TCP segments"
      case .control: "TCP segments with SYN, FIN or RST"
      }
    return segments + ", ICMP errors" + (includesTunnels ? ", tunnels" : "")
  }
}
