internal import Glibc
internal import Monitoring

/// Lines to a Unix stream socket. After a break the line that was cut is sent again, whole.
final class LineStream: FlowSink {
  private let path: String
  private var socket: UnixSocket?

  init(path: String) {
    self.path = path
  }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    let lines = JSONLines(records)
    var written = 0
    do throws(WriteFailure) {
      let socket = if let socket { socket } else { try UnixSocket(path: path, isDatagram: false) }
      self.socket = socket
      while written < lines.bytes.count { written += try socket.send(lines.bytes[written...], patience) }
      return Sent(lines.ends.count)
    } catch {
      close()
      return Sent(lines.lines(in: written), failure: error.reason)
    }
  }

  func close() { socket = nil }
}

/// A datagram for each connection, to a Unix socket.
final class LineDatagrams: FlowSink {
  private let path: String
  private var socket: UnixSocket?

  init(path: String) {
    self.path = path
  }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    var sent = Sent(0)
    do throws(WriteFailure) {
      let socket = if let socket { socket } else { try UnixSocket(path: path, isDatagram: true) }
      self.socket = socket
      for record in records {
        _ = try socket.send(JSONLines.object(record)[...], patience)
        sent.count += 1
      }
    } catch {
      close()
      sent.failure = error.reason
    }
    return sent
  }

  func close() { socket = nil }
}

/// A connected Unix socket.
final class UnixSocket {
  private let descriptor: Int32

  init(path: String, isDatagram: Bool) throws(WriteFailure) {
    let type = Int32((isDatagram ? SOCK_DGRAM : SOCK_STREAM).rawValue)
    descriptor = socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .system }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw .system }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sends some, at least one octet.
  func send(_ bytes: ArraySlice<UInt8>, _ patience: Patience) throws(WriteFailure) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if count > 0 { return count }
      guard errno == EAGAIN || errno == EINTR else { throw .system }
      guard patience.wait(for: descriptor, POLLOUT) else { throw WriteFailure("nobody reads it") }
    }
  }
}
