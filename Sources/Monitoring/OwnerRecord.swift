package import ConnectionTracking

/// Who holds the socket of a local end, or held it.
package struct OwnerRecord: Sendable, Equatable {
  /// The systemd unit, or the container; nil for nobody known. Escaped.
  package var unit: String?
  package var attribution: Attribution
  /// Nil for none known.
  package var process: SocketProcess?

  package init(unit: String?, attribution: Attribution) {
    self.unit = unit
    self.attribution = attribution
  }

  /// Whether it goes by `name`, with or without the type of the unit.
  func matches(_ name: String) -> Bool { unit == name || unit == "\(name).service" }
}

/// A process that has a socket open, or had.
package struct SocketProcess: Sendable, Equatable {
  package var pid: Int32
  /// As it calls itself. Escaped.
  package var command: String

  package init(pid: Int32, command: String) {
    self.pid = pid
    self.command = command
  }
}

/// Of both ends of a connection.
struct SocketProcesses: Sendable {
  private var client: SocketProcess?
  private var server: SocketProcess?

  subscript(role: Role) -> SocketProcess? {
    get { role == .client ? client : server }
    set { if role == .client { client = newValue } else { server = newValue } }
  }
}
