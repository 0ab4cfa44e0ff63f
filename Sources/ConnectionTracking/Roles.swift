internal import PacketDecoding

/// Who is the client, as the first segment tells.
struct Roles {
  let client: End
  let areObserved: Bool

  /// From a handshake segment for certain; otherwise by listening sockets and ports, and failing those the sender is
  /// the client.
  init(of segment: Segment, from sender: End, _ host: borrowing HostRules = HostRules()) {
    areObserved = segment.opensConnection
    let sourceIsServer =
      areObserved
      ? segment.flags.isACK
      : Self.listens(segment.source, beside: segment.destination, host)
        ?? Self.looksLikeService(segment.source, beside: segment.destination, host)
    client = sourceIsServer ? sender.other : sender
  }

  /// Whether `end` is the one with a listening socket; nil when none of this host tells, or both have one.
  private static func listens(_ end: Endpoint, beside other: Endpoint, _ host: borrowing HostRules) -> Bool? {
    let own = host.localAddresses.contains(end.address) && host.listeners.contains(end)
    let others = host.localAddresses.contains(other.address) && host.listeners.contains(other)
    return own == others ? nil : own
  }

  /// Whether, by their numbers, the port of `end` is the service's and that of `other` the client's.
  ///
  /// A well-known port is a service's, then one that services are known to use, then one that no system hands out to
  /// clients; of two alike the lower. Two ephemeral ports tell nothing.
  static func looksLikeService(_ end: Endpoint, beside other: Endpoint, _ host: borrowing HostRules = HostRules())
    -> Bool
  {
    let (own, others) = (PortKind(end, host), PortKind(other, host))
    if own != others { return own.rawValue < others.rawValue }
    return own != .ephemeral && end.port < other.port
  }
}

/// What a port number alone says, the likeliest service first.
private enum PortKind: UInt8 {
  /// Below 1024 (RFC 6335, 6).
  case system
  /// Registered, and in wide use.
  case popular
  case registered
  /// What a system hands out to clients.
  case ephemeral

  /// This host's range is known; of others it is taken to be what Linux has by default, and all from 49152 on (RFC
  /// 6335, 6).
  init(_ end: Endpoint, _ host: borrowing HostRules) {
    let known = host.localAddresses.contains(end.address) ? host.ephemeralPorts : nil
    let handedOut = known ?? 32768...UInt16.max
    self =
      switch end.port {
      case ..<1024: .system
      case 1080, 1194, 1352, 1433, 1521, 1720, 1723, 1883, 2049, 2181, 2375...2380, 3000, 3128, 3260, 3306, 3389, 4222,
        4369, 5000, 5060, 5061, 5222, 5223, 5269, 5432, 5601, 5671, 5672, 5900...5903, 5985, 5986, 6000, 6379, 6443,
        6665...6669, 7001, 7077, 8000, 8008, 8009, 8080...8090, 8123, 8140, 8443, 8500, 8883, 8888, 9000, 9042,
        9090...9093, 9100, 9200, 9300, 9418, 9999, 10000, 10250, 11211, 11434, 15672, 20000, 25565, 27017...27019,
        28017:
        .popular
      case handedOut: .ephemeral
      default: .registered
      }
  }
}

extension Segment {
  /// A SYN or SYN-ACK. With RST it is none: RST comes first (RFC 9293, 3.10.7).
  var opensConnection: Bool { flags.isSYN && !flags.isRST }
}
