/// The names of labels that series of `/metrics` have.
package enum MetricLabel: String, CaseIterable, Sendable {
  case alert, change, destination, event, id, interface, kind, le, outcome, output, reason, segment, service, side,
    state
  case target, tier, version
  case closedFirst = "closed_first"
}
