/// What is told to people: that a rule fired, and that it is over.
package enum AlertEvent: Sendable {
  case fired(AlertStatus)
  case cleared(AlertStatus)

  package var status: AlertStatus {
    switch self {
    case .fired(let status), .cleared(let status): status
    }
  }
}
