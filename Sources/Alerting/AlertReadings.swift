package import CloseDiagnosis
package import StateAccounting

/// Everything rules look at, at one moment.
package struct AlertReadings: Sendable {
  package var accounts: Accounts
  /// Whether anything was said to be local. If not, sides that need it have no figures.
  package var knowsLocal: Bool
  /// Packets that capture delivered, and those it lost, since start.
  package var captured: Int
  package var dropped: Int
  /// Why connections closed.
  package var causes: CauseReport
  /// What was found; asked for when an alert fires.
  package var findings: @Sendable () -> [Finding] = { [] }

  package init(
    accounts: Accounts,
    knowsLocal: Bool,
    captured: Int = 0,
    dropped: Int = 0,
    causes: CauseReport = CauseReport()
  ) {
    self.accounts = accounts
    self.knowsLocal = knowsLocal
    self.captured = captured
    self.dropped = dropped
    self.causes = causes
  }
}
