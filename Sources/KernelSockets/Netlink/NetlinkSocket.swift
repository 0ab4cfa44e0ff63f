internal import CLinux
internal import Glibc

/// A netlink socket. Non-blocking; only the kernel is listened to.
@safe
struct NetlinkSocket: ~Copyable {
  /// The kernel fills dumps into buffers of up to 32 KiB when the reader offers as much (netlink_dump,
  /// net/netlink/af_netlink.c).
  private static let bufferSize = 32 * 1024
  private static let patience: Int32 = 5000

  private let descriptor: FileDescriptor
  private let buffer: UnsafeMutableRawBufferPointer

  init(protocol number: Int32, groups: UInt32 = 0) throws(SystemError) {
    let result = tcpstated_netlink_open(number, groups, 1024 * 1024)
    try SystemError.check("open a netlink socket", result)
    descriptor = FileDescriptor(result)
    unsafe buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  var fileDescriptor: Int32 { descriptor.rawValue }

  enum Received: Equatable {
    case datagram
    /// Nothing is there yet.
    case empty
    /// Messages were lost: the receive buffer was full, or the datagram was too long (ENOBUFS).
    case overrun
    case failed(Int32)
  }

  /// Receives one datagram, if there is one.
  mutating func receive(_ body: (RawSpan) -> Void) -> Received {
    while true {
      var sender: UInt32 = 0
      var length = 0
      let count = unsafe tcpstated_netlink_receive(fileDescriptor, buffer.baseAddress, buffer.count, &sender, &length)
      switch Int32(clamping: -count) {
      case EINTR: continue
      case EAGAIN: return .empty
      case ENOBUFS: return .overrun
      case let code where code > 0: return .failed(code)
      default: break
      }
      if sender != 0 { continue }
      guard length <= count else { return .overrun }
      let datagram = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
      unsafe body(datagram.bytes)
      return .datagram
    }
  }

  /// Receives the next datagram of an answer.
  ///
  /// - Parameter operation: what fails when none comes.
  mutating func receiveNext(_ operation: String, _ body: (RawSpan) -> Void) throws(SystemError) {
    switch receive(body) {
    case .datagram: break
    // The kernel answers as we read; so much silence means that the end was lost.
    case .empty where waitReadable(milliseconds: Self.patience): break
    case .empty: throw SystemError(operation, code: ETIMEDOUT)
    case .overrun: throw SystemError(operation, code: ENOBUFS)
    case .failed(let code): throw SystemError(operation, code: code)
    }
  }

  func send(_ message: [UInt8]) throws(SystemError) {
    let result = unsafe message.withUnsafeBytes { bytes in
      unsafe tcpstated_netlink_send(fileDescriptor, bytes.baseAddress, bytes.count)
    }
    try SystemError.check("ask the kernel", Int32(clamping: result))
  }

  /// Waits for the next datagram.
  /// - Returns: false when none came in time.
  func waitReadable(milliseconds: Int32) -> Bool {
    var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, milliseconds) > 0
  }
}
