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
    while !state.isDone {
      let received = receive { state.take($0, body) }
      switch received {
      case .datagram: break
      // The kernel answers as we read; five seconds of silence mean that the end was lost.
      case .empty where waitReadable(milliseconds: 5000): break
      case .empty: throw SystemError("read a kernel table", code: ETIMEDOUT)
      case .overrun: throw SystemError("read a kernel table", code: ENOBUFS)
      case .failed(let code): throw SystemError("read a kernel table", code: code)
      }
    }
    if state.errorCode != 0 { throw SystemError("read a kernel table", code: state.errorCode) }
    return state.wasInterrupted ? .interrupted : .complete
  }

  /// Asks for single entries with one call; the kernel answers each on its own.
  ///
  /// - Parameters:
  ///   - messages: `count` requests that follow each other, with sequence numbers from `sequence` on.
  ///   - body: gets each answer with the number of its request; those for which there is no entry have none.
  mutating func ask(
    _ messages: [UInt8],
    count: Int,
    sequence: UInt32,
    _ body: (Int, NetlinkMessages.Header, RawSpan) -> Void
  ) throws(SystemError) {
    guard count > 0 else { return }
    try send(messages)
    var answers = AnswerState(count: count, sequence: sequence)
    while !answers.isDone {
      switch receive({ answers.take($0, body) }) {
      case .datagram: break
      case .empty where waitReadable(milliseconds: 5000): break
      case .empty: throw SystemError("ask the kernel for a socket", code: ETIMEDOUT)
      case .overrun: throw SystemError("ask the kernel for a socket", code: ENOBUFS)
      case .failed(let code): throw SystemError("ask the kernel for a socket", code: code)
      }
    }
    if answers.errorCode != 0 { throw SystemError("ask the kernel for a socket", code: answers.errorCode) }
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

/// Which of several questions have been answered. Apart from the socket, as above.
struct AnswerState {
  private let sequence: UInt32
  private var isAnswered: [Bool]
  private var open: Int
  /// An errno value; 0 is none. That there is no such entry is no error.
  private(set) var errorCode: Int32 = 0

  init(count: Int, sequence: UInt32) {
    self.sequence = sequence
    isAnswered = Array(repeating: false, count: count)
    open = count
  }

  var isDone: Bool { open == 0 || errorCode != 0 }

  mutating func take(_ datagram: RawSpan, _ body: (Int, NetlinkMessages.Header, RawSpan) -> Void) {
    let isWhole = NetlinkMessages.forEach(in: datagram) { header, message in
      // What is left of earlier questions on this socket has other numbers.
      let number = Int(header.sequence &- sequence)
      guard number < isAnswered.count, !isAnswered[number] else { return true }
      isAnswered[number] = true
      open -= 1
      if header.type != NLMSG_ERROR {
        body(number, header, message)
      } else if let code = message.u32(at: 0).map(Int32.init(bitPattern:)), code != -ENOENT, code != .min {
        errorCode = -code
      }
      return errorCode == 0
    }
    if !isWhole { errorCode = EBADMSG }
  }
}

extension [UInt8] {
  /// A struct nlmsghdr.
  mutating func append(headerOf bodyLength: Int, type: UInt16, flags: UInt16, sequence: UInt32) {
    append(integer: UInt32(NetlinkMessages.headerLength + bodyLength))
    append(integer: type)
    append(integer: flags)
    append(integer: sequence)
    append(integer: UInt32(0))
  }

  /// In host byte order, as netlink has it.
  mutating func append(integer: some FixedWidthInteger & BitwiseCopyable) {
    unsafe Swift.withUnsafeBytes(of: integer) { unsafe append(contentsOf: $0) }
  }
}
