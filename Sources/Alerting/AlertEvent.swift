/// What is told to people: that a rule fired, that it got worse or better, and that it is over.
package enum AlertEvent: Sendable {
  case fired(AlertStatus)
  /// Still firing, at another level.
  case changed(AlertStatus, from: Severity)
  case cleared(AlertStatus)

  package var status: AlertStatus {
    switch self {
    case .fired(let status), .changed(let status, _), .cleared(let status): status
    }
  }
}
