/// The names of labels that series of `/metrics` have.
package enum MetricLabel: String, Sendable {
  case alert, change, destination, event, id, interface, kind, le, outcome, output
  case reason, segment, service, side, state, target, tier, version
  case closedFirst = "closed_first"
}
