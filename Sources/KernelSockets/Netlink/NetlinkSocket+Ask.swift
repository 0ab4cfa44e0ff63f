internal import CLinux
internal import Glibc

extension NetlinkSocket {
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
    while !answers.isDone { try receiveNext("ask the kernel for a socket") { answers.take($0, body) } }
    if answers.errorCode != 0 { throw SystemError("ask the kernel for a socket", code: answers.errorCode) }
  }
}

/// Which of several questions have been answered. Apart from the socket so that datagrams can be made up in tests.
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
