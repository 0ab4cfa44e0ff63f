import ConnectionTracking
import PacketDecoding

/// Whose address or port a term looks at.
///
/// `src` and `sport` of ss and pcap mean the client here, `dst` and `dport` the server: who opened the connection is
/// known, and the direction of a single packet says nothing about a connection.
package enum FilterEnd: Sendable, Equatable {
  case client
  case server
  case either

  func holds(_ record: ConnectionRecord, _ test: (Endpoint) -> Bool) -> Bool {
    switch self {
    case .client: test(record.client)
    case .server: test(record.server)
    case .either: test(record.client) || test(record.server)
    }
  }
}

/// How two ports compare.
package enum FilterComparison: Sendable, Equatable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  func holds(_ a: UInt16, _ b: UInt16) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }

  /// As ss writes them; the words spare a shell's quotes around `<` and `>`.
  init?(_ text: String) {
    switch text {
    case "=", "==", "eq": self = .equal
    case "!=", "ne", "neq": self = .notEqual
    case "<", "lt": self = .less
    case "<=", "le", "leq": self = .lessOrEqual
    case ">", "gt": self = .greater
    case ">=", "ge", "geq": self = .greaterOrEqual
    default: return nil
    }
  }
}

/// Which ends of a connection a state is asked of: by role, or by where they live.
package enum FilterSide: String, Sendable, CaseIterable {
  case client, server, local, remote, transit

  /// Whether the end with this role is on this side. Nothing is local, remote or transit where nobody said what is local.
  func includes(_ role: Role, of record: ConnectionRecord) -> Bool {
    switch self {
    case .client: role == .client
    case .server: role == .server
    case .local: record.localSide.locality(of: role) == .local
    case .remote: record.localSide.locality(of: role) == .remote
    case .transit: record.localSide.locality(of: role) == .transit
    }
  }
}
