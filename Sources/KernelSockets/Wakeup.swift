internal import CLinux
internal import Glibc

/// An eventfd: any thread calls `signal`, one thread polls the descriptor and calls `clear`.
package final class Wakeup: Sendable {
  package let fileDescriptor: Int32

  package init() throws(SystemError) {
    let descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError(call: "eventfd", code: errno) }
    fileDescriptor = descriptor
  }

  deinit { close(fileDescriptor) }

  package func signal() {
    _ = eventfd_write(fileDescriptor, 1)
  }

  package func clear() {
    var count: eventfd_t = 0
    _ = unsafe eventfd_read(fileDescriptor, &count)
  }
}
