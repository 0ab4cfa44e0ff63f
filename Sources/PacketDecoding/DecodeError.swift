/// Why a frame gave no segment although it should have: each is a counter (`undecoded` in the status).
package enum DecodeError: Error, Equatable, Sendable, BitwiseCopyable {
  /// The packet ends (or was cut by the snap length) inside a header.
  case truncated(Layer, need: UInt16, have: UInt16)
  /// A header contradicts itself.
  case malformed(Layer, Fault)
  /// A link layer that is not known here.
  case unsupportedLinkType(UInt16)
  /// More headers or tunnels inside each other than anybody sends.
  case tooDeep

  package enum Layer: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    case ethernet, vlan, linuxCooked, loopback, mpls, pppoe, ipv4, ipv6, ipv6Extension, gre, vxlan, geneve, icmp, tcp
    case ppp
  }

  package enum Fault: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The version field is not that of the layer.
    case version
    /// The header length is below the minimum.
    case headerLength
    /// The total length is shorter than the headers.
    case totalLength
    /// An address that cannot stand on the wire (IPv4-mapped in IPv6).
    case address
  }
}
