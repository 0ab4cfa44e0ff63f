import Glibc

/// The way to journald. Each entry is sent on its own, so that a restart of journald is not noticed.
package final class JournalSocket: Sendable {
  private let descriptor: Int32
  private let path: String

  /// nil when the system gives no socket.
  package init?(path: String = "/run/systemd/journal/socket") {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.path = path
    guard descriptor >= 0 else { return nil }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Whether the journal took it; never waits.
  func send(_ bytes: [UInt8]) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isNamed = unsafe withUnsafeMutableBytes(of: &address.sun_path) { name in
      guard path.utf8.count < name.count else { return false }
      unsafe name.copyBytes(from: path.utf8)
      return true
    }
    guard isNamed else { return false }
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe sendto(descriptor, bytes, bytes.count, flags, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    } == bytes.count
  }
}
