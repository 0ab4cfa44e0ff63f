internal import CLinux
internal import Glibc
package import PacketDecoding

/// Tells systemd how the service is (sd_notify(3)). Outside systemd it does nothing.
package struct SystemdNotifier: Sendable {
  /// A path, or a name of the abstract namespace behind '@'.
  private let socket: String?
  /// systemd acts when it hears nothing for so long; nil when it does not watch. Report at half of it.
  package let watchdogInterval: Seconds?

  package init() {
    self.init(
      socket: Self.environment("NOTIFY_SOCKET"),
      watchdogMicroseconds: Self.environment("WATCHDOG_USEC"),
      watchdogProcess: Self.environment("WATCHDOG_PID")
    )
  }

  init(socket: String?, watchdogMicroseconds: String?, watchdogProcess: String?) {
    // "vsock:" addresses a hypervisor, which no service manager of a container or host uses.
    self.socket = socket.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    // WATCHDOG_PID is there so that children that inherit the environment do not take it for theirs.
    let isMeant = watchdogProcess.map { Int32($0) == getpid() } ?? true
    let microseconds = watchdogMicroseconds.flatMap { Int64($0) } ?? 0
    let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
    watchdogInterval = isMeant && microseconds > 0 && !overflow ? Seconds(nanoseconds: nanoseconds) : nil
  }

  package var isActive: Bool { socket != nil }

  package enum Notification: Hashable, Sendable {
    case ready, stopping, watchdog
    /// The configuration is being read anew; say `ready` when done. For Type=notify-reload.
    case reloading(at: Instant)
    /// One line for `systemctl status`.
    case status(String)
  }

  /// - Returns: false when systemd could not be told.
  @discardableResult
  package func send(_ notifications: Notification...) -> Bool {
    guard let socket else { return true }
    let text = notifications.map(\.text).joined(separator: "\n")
    return unsafe tcpstated_send_datagram(socket, text, text.utf8.count) == 0
  }

  private static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}

extension SystemdNotifier.Notification {
  var text: String {
    switch self {
    case .ready: "READY=1"
    case .stopping: "STOPPING=1"
    case .watchdog: "WATCHDOG=1"
    case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time.nanoseconds / 1000)"
    // A line break would begin another assignment.
    case .status(let text): "STATUS=" + String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
    }
  }
}
