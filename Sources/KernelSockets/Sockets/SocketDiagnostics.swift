internal import CLinux
package import PacketDecoding

/// Asks the kernel for its table of TCP sockets (sock_diag(7)). No capability is needed; entries of this network
/// namespace are shown.
package struct SocketDiagnostics: ~Copyable {
  private var socket: NetlinkSocket
  private var sequence: UInt32 = 0

  package enum Family: UInt8, CaseIterable, Sendable {
    case ipv4 = 2
    case ipv6 = 10
  }

  package enum Outcome: Hashable, Sendable {
    case complete
    /// The table changed so that entries may be missing or doubled, and the kernel says so. Sockets that come and go
    /// during a long dump may be missing in a complete one too.
    case interrupted
  }

  package init() throws(SystemError) {
    socket = try NetlinkSocket(protocol: NETLINK_SOCK_DIAG)
  }

  /// Hands over each socket in one of `states`, first those of AF_INET, then those of AF_INET6. Memory does not grow
  /// with the table; 18,000 entries take about 40 ms, so a thread that captures asks seldom.
  package mutating func dump(
    _ states: SocketStates = .all,
    families: [Family] = Family.allCases,
    _ body: (KernelSocket) -> Void
  ) throws(SystemError) -> Outcome {
    var outcome = Outcome.complete
    for family in families {
      sequence &+= 1
      let request = Self.request(family: family, states: states)
      let type = UInt16(SOCK_DIAG_BY_FAMILY)
      let result = try socket.dump(type: type, request: request, sequence: sequence) { header, message in
        if header.type == type, let entry = KernelSocket(message) { body(entry) }
      }
      if result == .interrupted { outcome = .interrupted }
    }
    return outcome
  }

  /// How many sockets are in TIME_WAIT. What waits in FIN_WAIT_2 without an owner does not count, although the kernel
  /// keeps it in the same structure.
  package mutating func timeWaitCount() throws(SystemError) -> Int {
    var count = 0
    _ = try dump(.timeWait) { _ in count += 1 }
    return count
  }

  /// The socket between two endpoints, TIME_WAIT included; nil when there is none. A socket that is bound to a device is
  /// not found this way.
  package mutating func find(local: Endpoint, remote: Endpoint) throws(SystemError) -> KernelSocket? {
    sequence &+= 1
    let type = UInt16(SOCK_DIAG_BY_FAMILY)
    var found: KernelSocket?
    let request = Self.request(
      family: local.address.isIPv4 ? .ipv4 : .ipv6,
      states: .all,
      identity: Self.identity(local, remote)
    )
    let isThere = try socket.ask(type: type, request: request, sequence: sequence) { header, message in
      if header.type == type { found = KernelSocket(message) }
    }
    // Without a connection the kernel answers with the listener that would take one.
    guard isThere, let found, found.local == local, found.remote == remote else { return nil }
    return found
  }

  /// A struct inet_diag_req_v2 (linux/inet_diag.h).
  private static func request(
    family: Family,
    states: SocketStates,
    identity: [UInt8] = [UInt8](repeating: 0, count: 48)
  ) -> [UInt8] {
    let tcp: UInt8 = 6
    let extensions: UInt8 = 0
    let padding: UInt8 = 0
    var request: [UInt8] = [family.rawValue, tcp, extensions, padding]
    request.append(integer: states.rawValue)
    return request + identity
  }

  /// A struct inet_diag_sockid: on any interface, with any cookie. All zero it matches every socket.
  private static func identity(_ local: Endpoint, _ remote: Endpoint) -> [UInt8] {
    var identity: [UInt8] = []
    identity.append(integer: local.port.bigEndian)
    identity.append(integer: remote.port.bigEndian)
    for address in [local.address, remote.address] {
      if address.isIPv4 {
        identity.append(integer: UInt32(truncatingIfNeeded: address.low).bigEndian)
        identity += [UInt8](repeating: 0, count: 12)
      } else {
        identity.append(integer: address.high.bigEndian)
        identity.append(integer: address.low.bigEndian)
      }
    }
    identity.append(integer: UInt32(0))
    identity.append(integer: UInt64.max)  // INET_DIAG_NOCOOKIE, twice
    return identity
  }
}
