extension DecodeError: CustomStringConvertible {
  /// For people: `TCP header: need 20 bytes, have 12`.
  package var description: String {
    switch self {
    case .truncated(let layer, let need, let have): "\(layer) header: need \(need) bytes, have \(have)"
    case .malformed(let layer, let fault): "\(layer) header: \(fault)"
    case .unsupportedLinkType(let number): "link type \(number) is not supported"
    case .tooDeep: "too many headers inside each other"
    }
  }
}

extension DecodeError.Layer: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ethernet: "Ethernet"
    case .vlan: "VLAN"
    case .linuxCooked: "Linux cooked"
    case .loopback: "loopback"
    case .mpls: "MPLS"
    case .pppoe: "PPPoE"
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .ipv6Extension: "IPv6 extension"
    case .gre: "GRE"
    case .vxlan: "VXLAN"
    case .geneve: "Geneve"
    case .icmp: "ICMP"
    case .tcp: "TCP"
    case .ppp: "PPP"
    }
  }
}

extension DecodeError.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .version: "wrong version"
    case .headerLength: "header length below the minimum"
    case .totalLength: "total length shorter than the headers"
    case .address: "an IPv4-mapped address"
    }
  }
}
