internal import CLinux

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

  /// A struct inet_diag_req_v2 (linux/inet_diag.h) that matches any addresses and ports.
  private static func request(family: Family, states: SocketStates) -> [UInt8] {
    let tcp: UInt8 = 6
    let extensions: UInt8 = 0
    let padding: UInt8 = 0
    var request: [UInt8] = [family.rawValue, tcp, extensions, padding]
    request.append(integer: states.rawValue)
    return request + [UInt8](repeating: 0, count: 48)  // struct inet_diag_sockid
  }
}
