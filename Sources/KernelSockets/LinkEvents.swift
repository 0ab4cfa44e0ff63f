internal import CLinux
internal import Glibc

/// Says that interfaces or addresses may have changed: the reader then looks at them anew, which is right also when
/// messages were lost (ENOBUFS).
package struct LinkEvents: ~Copyable {
  package let fileDescriptor: Int32

  /// - Throws: the errno of what failed.
  package init() throws(SystemError) {
    let descriptor = tcpstated_open_link_events()
    guard descriptor >= 0 else { throw SystemError(call: "netlink socket", code: -descriptor) }
    fileDescriptor = descriptor
  }

  deinit { close(fileDescriptor) }

  /// Reads what has come; true when something has.
  package func drain() -> Bool {
    var changed = false
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(fileDescriptor, $0.baseAddress, $0.count, 0) }
      if count < 0 {
        if errno == EINTR { continue }
        return changed || errno == ENOBUFS
      }
      if count == 0 { return changed }
      changed = true
    }
  }
}

/// A system call that failed.
package struct SystemError: Error, CustomStringConvertible {
  package let call: String
  package let code: Int32

  package init(call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  package var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }
}
