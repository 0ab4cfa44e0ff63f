/// Which connections a listing shows.
package indirect enum ConnectionFilter: Sendable {
  case all
  case and(ConnectionFilter, ConnectionFilter)
  case or(ConnectionFilter, ConnectionFilter)
  case not(ConnectionFilter)

  package func matches(_ record: ConnectionRecord) -> Bool {
    switch self {
    case .all: true
    case .and(let a, let b): a.matches(record) && b.matches(record)
    case .or(let a, let b): a.matches(record) || b.matches(record)
    case .not(let filter): !filter.matches(record)
    }
  }
}
