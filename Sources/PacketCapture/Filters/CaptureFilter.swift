internal import PacketDecoding

/// What the kernel is asked to hand over.
///
/// The programs are written in octet offsets and not compiled from expressions: `tcp` misses TCP behind IPv6 extension
/// headers and in tunnels, `tcp[tcpflags]` looks at IPv4 only, and `vlan` cannot be had on cooked captures.
package struct CaptureFilter: Hashable, Sendable {
  package enum Tier: String, CaseIterable, Sendable {
    /// All TCP segments.
    case full
    /// Only those that open and close connections: SYN, FIN, RST. Costs the kernel less than half on busy hosts;
    /// retransmissions, exchanges and idle times cannot be seen. What hides the flags (an IPv6 extension header, a
    /// tunnel) passes whole.
    case control
  }

  package var tier: Tier
  /// MPLS, PPPoE, GRE, IP in IP, VXLAN and Geneve pass too.
  package var includesTunnels: Bool
  /// The first octets of a frame that are kept.
  package var snapLength: UInt32

  package init(tier: Tier = .full, includesTunnels: Bool = true, snapLength: UInt32 = 65535) {
    self.tier = tier
    self.includesTunnels = includesTunnels
    self.snapLength = snapLength
  }
}

extension CaptureFilter: CustomStringConvertible {
  package var description: String {
    let segments = tier == .full ? "all TCP segments" : "TCP segments with SYN, FIN or RST"
    return segments + ", ICMP errors" + (includesTunnels ? ", tunnels" : "")
  }
}
