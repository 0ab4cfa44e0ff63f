/// Which connections a listing shows.
///
/// A value that anybody may build, and that the filter language of `connections`, `analyze --filter` and the API's
/// `filter=` is read into (`init(parsing:)`). `every` and `any` hold lists instead of pairs, so that a long expression
/// is wide, not deep.
package indirect enum ConnectionFilter: Sendable, Equatable {
  case all
  case term(FilterTerm)
  case not(ConnectionFilter)
  case every([ConnectionFilter])
  case any([ConnectionFilter])

  /// - Throws: where the expression is wrong and what was expected there.
  package init(parsing text: String) throws(FilterError) {
    var parser = try FilterParser(text)
    self = try parser.filter()
  }

  package func matches(_ record: ConnectionRecord) -> Bool {
    switch self {
    case .all: true
    case .term(let term): term.matches(record)
    case .not(let filter): !filter.matches(record)
    case .every(let filters): filters.allSatisfy { $0.matches(record) }
    case .any(let filters): filters.contains { $0.matches(record) }
    }
  }

  /// Both must hold.
  package static func and(_ a: ConnectionFilter, _ b: ConnectionFilter) -> ConnectionFilter {
    switch (a, b) {
    case (.all, let filter), (let filter, .all): filter
    case (.every(let first), .every(let second)): .every(first + second)
    case (.every(let first), _): .every(first + [b])
    case (_, .every(let second)): .every([a] + second)
    default: .every([a, b])
    }
  }

  /// Either may hold.
  package static func or(_ a: ConnectionFilter, _ b: ConnectionFilter) -> ConnectionFilter {
    .any([a, b])
  }

  /// An end of the connection, or the connection, is in that state.
  package static func state(_ state: FilterState, side: FilterSide? = nil) -> ConnectionFilter {
    .term(.state(state, side: side))
  }
}
