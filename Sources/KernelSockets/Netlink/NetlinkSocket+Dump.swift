internal import CLinux
internal import Glibc

extension NetlinkSocket {
  /// How a dump went.
  enum DumpResult: Equatable {
    case complete
    /// The table changed meanwhile and the kernel says so (NLM_F_DUMP_INTR): entries may be missing or doubled.
    case interrupted
  }

  /// Asks for all entries of a table and hands over each as it comes; memory does not grow with the table.
  mutating func dump(
    type: UInt16,
    request: [UInt8],
    sequence: UInt32,
    _ body: (NetlinkMessages.Header, RawSpan) -> Void
  ) throws(SystemError) -> DumpResult {
    try send(Self.request(type: type, sequence: sequence, body: request))
    var state = DumpState(sequence: sequence)
    while !state.isDone { try receiveNext("read a kernel table") { state.take($0, body) } }
    if state.errorCode != 0 { throw SystemError("read a kernel table", code: state.errorCode) }
    return state.wasInterrupted ? .interrupted : .complete
  }

  private static let dumpFlags = UInt16(NLM_F_REQUEST | 0x300)  // NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH

  private static func request(type: UInt16, sequence: UInt32, body: [UInt8]) -> [UInt8] {
    var message: [UInt8] = []
    message.append(headerOf: body.count, type: type, flags: dumpFlags, sequence: sequence)
    return message + body
  }
}

/// What a dump has seen so far. Apart from the socket so that datagrams can be made up in tests.
struct DumpState {
  let sequence: UInt32
  private(set) var isDone = false
  private(set) var wasInterrupted = false
  /// An errno value; 0 is none.
  private(set) var errorCode: Int32 = 0

  init(sequence: UInt32) {
    self.sequence = sequence
  }

  mutating func take(_ datagram: RawSpan, _ body: (NetlinkMessages.Header, RawSpan) -> Void) {
    let isWhole = NetlinkMessages.forEach(in: datagram) { header, message in
      // What is left of an earlier dump on this socket.
      guard header.sequence == sequence else { return true }
      if header.flags & UInt16(NLM_F_DUMP_INTR) != 0 { wasInterrupted = true }
      switch Int32(header.type) {
      case NLMSG_DONE, NLMSG_ERROR:
        // Both start with a negative errno value, or 0 (struct nlmsgerr).
        finish(with: message.u32(at: 0).map { Int32(bitPattern: $0) } ?? 0)
        return false
      case NLMSG_NOOP: break
      default: body(header, message)
      }
      return true
    }
    if !isWhole { finish(with: -EBADMSG) }
  }

  private mutating func finish(with code: Int32) {
    isDone = true
    errorCode = code < 0 && code != .min ? -code : 0
  }
}
