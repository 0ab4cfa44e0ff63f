internal import CLinux
internal import Glibc
package import PacketDecoding

/// Asks the kernel for its table of TCP sockets (sock_diag(7)). No capability is needed; entries of this network
/// namespace are shown.
package struct SocketDiagnostics: ~Copyable {
  private var socket: NetlinkSocket
  private var sequence: UInt32 = 0
  /// This kernel does not take a question about both at once.
  private var asksByFamily: Bool

  private enum Family: UInt8, CaseIterable {
    case ipv4 = 2
    case ipv6 = 10
  }

  package enum Outcome: Hashable, Sendable {
    case complete
    /// The table changed so that entries may be missing or doubled, and the kernel says so. Sockets that come and go
    /// during a long dump may be missing in a complete one too.
    case interrupted
  }

  package init(asksByFamily: Bool = false) throws(SystemError) {
    self.asksByFamily = asksByFamily
    socket = try NetlinkSocket(protocol: NETLINK_SOCK_DIAG)
  }

  /// Hands over each socket in one of `states`. Memory does not grow with the table; 18,000 entries take about 40 ms, so
  /// a thread that captures asks seldom.
  package mutating func dump(
    _ states: SocketStates = .all,
    _ body: (KernelSocket) -> Void
  ) throws(SystemError) -> Outcome {
    if !asksByFamily {
      do throws(SystemError) {
        return try dump(UInt16(TCPDIAG_GETSOCK), Self.request(states: states), body)
      } catch  where Self.meansUnknown(error.code) { asksByFamily = true }
    }
    var outcome = Outcome.complete
    for family in Family.allCases {
      let request = Self.request(family: family, states: states)
      if try dump(UInt16(SOCK_DIAG_BY_FAMILY), request, body) == .interrupted { outcome = .interrupted }
    }
    return outcome
  }

  /// What a kernel says, before it shows an entry, when it knows no such question.
  private static func meansUnknown(_ code: Int32) -> Bool { code == ENOENT || code == EINVAL || code == EOPNOTSUPP }

  private mutating func dump(
    _ type: UInt16,
    _ request: [UInt8],
    _ body: (KernelSocket) -> Void
  ) throws(SystemError) -> Outcome {
    sequence &+= 1
    let result = try socket.dump(type: type, request: request, sequence: sequence) { header, message in
      if header.type == type, let entry = KernelSocket(message) { body(entry) }
    }
    return result == .interrupted ? .interrupted : .complete
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
    try find([(local, remote)])[0]
  }

  /// The same for many: several with each call.
  package mutating func find(
    _ pairs: [(local: Endpoint, remote: Endpoint)]
  ) throws(SystemError) -> [KernelSocket?] {
    var found = [KernelSocket?](repeating: nil, count: pairs.count)
    var messages: [UInt8] = []
    messages.reserveCapacity(min(pairs.count, Self.questionsPerCall) * Self.questionLength)
    for start in stride(from: 0, to: pairs.count, by: Self.questionsPerCall) {
      let part = pairs[start..<min(start + Self.questionsPerCall, pairs.count)]
      let first = sequence &+ 1
      messages.removeAll(keepingCapacity: true)
      for pair in part {
        sequence &+= 1
        Self.append(questionFor: pair, sequence: sequence, to: &messages)
      }
      try socket.ask(messages, count: part.count, sequence: first) { number, header, message in
        let pair = pairs[start + number]
        guard header.type == SOCK_DIAG_BY_FAMILY, let socket = KernelSocket(message) else { return }
        // Without a connection the kernel answers with the listener that would take one.
        if socket.local == pair.local, socket.remote == pair.remote { found[start + number] = socket }
      }
    }
    return found
  }

  /// Their answers are far from filling the socket's buffer, which the system may keep to some hundred kilobytes.
  private static let questionsPerCall = 64
  private static let requestLength = 56
  private static let questionLength = NetlinkMessages.headerLength + requestLength

  private static func append(
    questionFor pair: (local: Endpoint, remote: Endpoint),
    sequence: UInt32,
    to messages: inout [UInt8]
  ) {
    let type = UInt16(SOCK_DIAG_BY_FAMILY)
    messages.append(headerOf: requestLength, type: type, flags: UInt16(NLM_F_REQUEST), sequence: sequence)
    append(requestFor: pair.local.address.isIPv4 ? .ipv4 : .ipv6, .all, to: &messages)
    append(identityOf: pair, to: &messages)
  }

  /// A struct inet_diag_req, the older form, for both families: the kernel goes through its table once, not twice, and a
  /// table may have a million entries.
  private static func request(states: SocketStates) -> [UInt8] {
    var request = [UInt8](repeating: 0, count: 52)
    request.append(integer: states.rawValue)
    request.append(integer: UInt32(0))
    return request
  }

  private static func request(family: Family, states: SocketStates) -> [UInt8] {
    var request: [UInt8] = []
    append(requestFor: family, states, to: &request)
    return request + [UInt8](repeating: 0, count: requestLength - request.count)
  }

  /// A struct inet_diag_req_v2 (linux/inet_diag.h) up to the identity.
  private static func append(requestFor family: Family, _ states: SocketStates, to request: inout [UInt8]) {
    let tcp: UInt8 = 6
    let extensions: UInt8 = 0
    let padding: UInt8 = 0
    request.append(family.rawValue)
    request.append(tcp)
    request.append(extensions)
    request.append(padding)
    request.append(integer: states.rawValue)
  }

  /// A struct inet_diag_sockid: on any interface, with any cookie. All zero it matches every socket.
  private static func append(identityOf pair: (local: Endpoint, remote: Endpoint), to identity: inout [UInt8]) {
    identity.append(integer: pair.local.port.bigEndian)
    identity.append(integer: pair.remote.port.bigEndian)
    append(pair.local.address, to: &identity)
    append(pair.remote.address, to: &identity)
    identity.append(integer: UInt32(0))
    identity.append(integer: UInt64.max)  // INET_DIAG_NOCOOKIE, twice
  }

  private static func append(_ address: IPAddress, to identity: inout [UInt8]) {
    if address.isIPv4 {
      identity.append(integer: UInt32(truncatingIfNeeded: address.low).bigEndian)
      identity.append(integer: UInt32(0))
      identity.append(integer: UInt64(0))
    } else {
      identity.append(integer: address.high.bigEndian)
      identity.append(integer: address.low.bigEndian)
    }
  }
}
