package import StateAccounting

/// Everything rules look at, at one moment.
package struct AlertReadings: Sendable {
  package var accounts: Accounts
  /// Whether anything was said to be local. If not, sides that need it have no figures.
  package var knowsLocal: Bool
  /// Packets that capture delivered, and those it lost, since start.
  package var captured: Int
  package var dropped: Int

  package init(accounts: Accounts, knowsLocal: Bool, captured: Int = 0, dropped: Int = 0) {
    self.accounts = accounts
    self.knowsLocal = knowsLocal
    self.captured = captured
    self.dropped = dropped
  }
}
