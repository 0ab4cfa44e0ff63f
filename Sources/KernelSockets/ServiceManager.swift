internal import Glibc

/// Tells systemd how the daemon is: sd_notify(3) in a few lines, instead of a library.
package struct ServiceManager: Sendable {
  private let path: String

  /// Nil when nobody wants to know (`NOTIFY_SOCKET` is not set).
  package init?() {
    guard let value = unsafe getenv("NOTIFY_SOCKET") else { return nil }
    path = unsafe String(cString: value)
    guard path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count < 108 else { return nil }
  }

  package func notify(_ state: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var octets = Array(path.utf8)
    // A leading @ stands for the NUL of an abstract name.
    if octets.first == UInt8(ascii: "@") { octets[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + octets.count)
    let message = Array(state.utf8)
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
        _ = unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), target, length)
      }
    }
  }

  /// How often `WATCHDOG=1` is due: half of what systemd allows; nil when it does not watch.
  package static var watchdogSeconds: Double? {
    guard let value = unsafe getenv("WATCHDOG_USEC"), let microseconds = unsafe Double(String(cString: value)),
      microseconds > 0
    else { return nil }
    return microseconds / 2e6
  }
}
