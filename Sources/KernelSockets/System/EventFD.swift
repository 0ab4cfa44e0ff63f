internal import CLinux
internal import Glibc

/// Wakes a thread that waits in `Poller` (eventfd(2)). Any thread may signal; it is shared, hence a class.
package final class EventFD: Sendable {
  package let fileDescriptor: Int32

  package init() throws(SystemError) {
    let result = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard result >= 0 else { throw SystemError("make an eventfd", code: errno) }
    fileDescriptor = result
  }

  deinit {
    close(fileDescriptor)
  }

  package func signal() {
    var one: UInt64 = 1
    // Fails only when 2^64 - 2 signals are pending, and then it is readable anyway.
    _ = unsafe write(fileDescriptor, &one, 8)
  }

  /// Takes all signals so far, so that it is no longer readable.
  /// - Returns: whether there was any.
  @discardableResult
  package func drain() -> Bool {
    var count: UInt64 = 0
    return unsafe read(fileDescriptor, &count, 8) == 8
  }
}
