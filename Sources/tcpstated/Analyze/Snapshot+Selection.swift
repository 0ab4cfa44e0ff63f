import Monitoring
import StateAccounting

extension Snapshot {
  /// The same file, counting these connections alone. Packets, oddities and the peaks stay those of the whole.
  func counting(_ ledger: Ledger) -> Snapshot {
    var selection = self
    selection.accounts = ledger.accounts
    selection.accounts.peakTimeWaitClient = accounts.peakTimeWaitClient
    selection.accounts.peakTimeWaitServer = accounts.peakTimeWaitServer
    return selection
  }
}
