/// One counter per reason: dense indices, so that an engine counts in a plain array, and stable names, which become
/// keys in the JSON and labels in the metrics.
extension DecodeError {
  /// A stable key: `truncated_tcp`, `malformed_ipv4_total_length`, `unsupported_link_type`, `too_deep`.
  package var reason: String { Self.reason(ofCounter: counterIndex) }

  /// Below `counterCount`. The same whatever lengths or link type the error carries.
  package var counterIndex: Int {
    switch self {
    case .truncated(let layer, _, _):
      Int(layer.rawValue)
    case .malformed(let layer, let fault):
      Self.firstMalformed + Int(layer.rawValue) * Fault.allCases.count + Int(fault.rawValue)
    case .unsupportedLinkType:
      Self.unsupportedLinkTypeIndex
    case .tooDeep:
      Self.tooDeepIndex
    }
  }

  package static let counterCount = tooDeepIndex + 1

  /// The `reason` of the errors with this `counterIndex`; `unknown` for an index out of range.
  package static func reason(ofCounter index: Int) -> String {
    switch index {
    case 0..<firstMalformed:
      return "truncated_" + Layer.allCases[index].key
    case firstMalformed..<unsupportedLinkTypeIndex:
      let (layer, fault) = (index - firstMalformed).quotientAndRemainder(dividingBy: Fault.allCases.count)
      return "malformed_" + Layer.allCases[layer].key + "_" + Fault.allCases[fault].key
    case unsupportedLinkTypeIndex:
      return "unsupported_link_type"
    case tooDeepIndex:
      return "too_deep"
    default:
      return "unknown"
    }
  }

  private static let firstMalformed = Layer.allCases.count
  private static let unsupportedLinkTypeIndex = firstMalformed + Layer.allCases.count * Fault.allCases.count
  private static let tooDeepIndex = unsupportedLinkTypeIndex + 1
}

extension DecodeError.Layer {
  fileprivate var key: String {
    switch self {
    case .ethernet: "ethernet"
    case .vlan: "vlan"
    case .linuxCooked: "linux_cooked"
    case .loopback: "loopback"
    case .mpls: "mpls"
    case .pppoe: "pppoe"
    case .ipv4: "ipv4"
    case .ipv6: "ipv6"
    case .ipv6Extension: "ipv6_extension"
    case .gre: "gre"
    case .vxlan: "vxlan"
    case .geneve: "geneve"
    case .icmp: "icmp"
    case .tcp: "tcp"
    case .ppp: "ppp"
    }
  }
}

extension DecodeError.Fault {
  fileprivate var key: String {
    switch self {
    case .version: "version"
    case .headerLength: "header_length"
    case .totalLength: "total_length"
    case .address: "address"
    }
  }
}
