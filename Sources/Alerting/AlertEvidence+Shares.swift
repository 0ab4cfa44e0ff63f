import CloseDiagnosis
import ConnectionTracking
import StateAccounting

extension AlertEvidence {
  /// Who closes first most of the time, of those whose close was seen. The share is rounded down: 411 of 412 is not all
  /// of them.
  package var closer: (name: String, percent: Int, all: Int)? {
    let closers: [(ClosedFirst, String)] = [
      (.server, "server"), (.client, "client"), (.simultaneous, "simultaneous"),
    ]
    let all = closers.reduce(0) { $0 + closedFirst[$1.0] }
    guard all > 0, let most = closers.max(by: { closedFirst[$0.0] < closedFirst[$1.0] }) else { return nil }
    return (most.1, 100 * closedFirst[most.0] / all, all)
  }

  /// What more than half have in common.
  package var mainCause: (name: String, percent: Int)? {
    let all = causes.closes
    guard let most = CloseCause.allCases.max(by: { causes[$0] < causes[$1] }), most != .unknown,
      2 * causes[most] > all
    else { return nil }
    return (most.name, 100 * causes[most] / all)
  }

  /// A lesser finding of closes while the cause of others is not known yet: those may say something else.
  func mayBeOvertaken(_ finding: Finding) -> Bool {
    finding.service != nil && finding.severity == .info && causes.undecided > 0
  }
}
