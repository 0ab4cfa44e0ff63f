package import ConnectionTracking

/// What `state` asks for: the state of an end, or how far the whole connection is.
package enum FilterState: Sendable, Equatable {
  /// An end is in one of these.
  case phases(Set<Phase>)
  /// The connection has no end yet.
  case open
  /// The connection has ended; an end may still be in TIME_WAIT.
  case closed
  case all

  /// Reads a name as ss, netstat or RFC 9293 write it: `time-wait`, `TIME_WAIT`, `timewait`, `FIN_WAIT1`, `syn-recv`;
  /// or one of ss's groups; or `open`, `closed`, `all`.
  package init?(_ name: String) {
    let key = name.lowercased().filter { $0 != "-" && $0 != "_" }
    switch key {
    case "open": self = .open
    case "closed", "close", "unconn": self = .closed
    case "all": self = .all
    case "connected": self = .phases(Self.connected)
    case "synchronized": self = .phases(Self.connected.subtracting([.synSent]))
    case "bucket": self = .phases(Self.bucket)
    case "big": self = .phases(Self.connected.subtracting(Self.bucket))
    default:
      guard let phase = Self.phase(key) else { return nil }
      self = .phases([phase])
    }
  }

  func matches(_ record: ConnectionRecord, side: FilterSide?) -> Bool {
    Role.allCases.contains { role in
      guard side?.includes(role, of: record) ?? true else { return false }
      return switch self {
      case .phases(let phases): phases.contains(role == .client ? record.clientPhase : record.serverPhase)
      case .open: record.closeKind == .none
      case .closed: record.closeKind != .none
      case .all: true
      }
    }
  }

  /// ss's groups.
  private static let connected = Set(Phase.allCases).subtracting([.closed, .listen])
  private static let bucket: Set<Phase> = [.timeWait, .synReceived]

  private static func phase(_ key: String) -> Phase? {
    switch key {
    case "listen", "listening": .listen
    case "synsent": .synSent
    case "synrecv", "synreceived", "synrcvd": .synReceived
    case "established", "estab": .established
    case "finwait1": .finWait1
    case "finwait2": .finWait2
    case "closewait": .closeWait
    case "closing": .closing
    case "lastack": .lastAck
    case "timewait": .timeWait
    default: nil
    }
  }
}
