package import CloseDiagnosis
package import ConnectionTracking
import PacketDecoding

/// One test of a filter.
package enum FilterTerm: Sendable, Equatable {
  /// With a side: an end on that side is in the state.
  case state(FilterState, side: FilterSide?)
  /// The address and port of an end.
  case end(FilterEnd, FilterAddress)
  case port(FilterEnd, FilterComparison, UInt16)
  case closedFirst(ClosedFirst)
  case closeKind(CloseKind)
  /// Nil: not decided.
  case closeCause(CloseCause?)
  /// Zeek's conn_state, in upper case.
  case connState(String)
  case interface(String)
  /// Who holds a local end: a unit or a container; `none` when nobody is known of either.
  case owner(String)

  package func matches(_ record: ConnectionRecord) -> Bool {
    switch self {
    case .state(let state, let side): state.matches(record, side: side)
    case .end(let end, let address): end.holds(record) { address.matches($0) }
    case .port(let end, let comparison, let port): end.holds(record) { comparison.holds($0.port, port) }
    case .closedFirst(let verdict): record.closedFirst == verdict
    case .closeKind(let kind): record.closeKind == kind
    case .closeCause(let cause): record.closeCause?.cause == cause
    case .connState(let name): record.connState == name
    case .interface(let name): record.interface == name
    case .owner("none"): record.owner?.unit == nil && record.clientOwner?.unit == nil
    case .owner(let name): [record.owner, record.clientOwner].contains { $0?.matches(name) ?? false }
    }
  }
}
