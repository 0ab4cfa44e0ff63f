package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// What is read of a monitor.
extension Monitor {
  package mutating func snapshot(at time: Timestamp?) -> Snapshot {
    var snapshot = Snapshot(time: time)
    snapshot.ingest = ingest
    snapshot.ingest.duplicates = tracker.duplicates
    snapshot.ingest.undecoded = undecoded.byReason
    for anomaly in Anomaly.allCases where tracker.anomalies[anomaly] > 0 {
      snapshot.ingest.anomalies[anomaly.name] = tracker.anomalies[anomaly]
    }
    snapshot.causes = books.diagnosis.current
    snapshot.exchanges = tracker.exchanges
    snapshot.first = span.first
    snapshot.last = span.last
    snapshot.accounts = books.ledger.accounts
    snapshot.table.capacity = tracker.settings.capacity
    snapshot.table.used = tracker.trackedCount
    snapshot.table.halfOpen = tracker.halfOpenCount
    snapshot.table.evicted = tracker.evicted
    snapshot.accounts.lingering = lingering.latest
    snapshot.accounts.aged = lingering.aged
    snapshot.timeWaitSeries = series
    name(&snapshot.accounts)
    snapshot.knowsLocal = tracker.settings.localAddresses.isKnown
    return snapshot
  }

  /// Connections that left the table since the last call: for a file, where all of them are wanted.
  package mutating func takeEnded() -> [ConnectionView] {
    books.takeEnded()
  }

  /// Why a connection closed; nil while it is open or not decided.
  package func verdict(of connection: ConnectionView) -> CauseVerdict? {
    books.diagnosis.verdict(of: connection.detail.serial)
  }

  package func verdict(of serial: UInt64) -> CauseVerdict? { books.diagnosis.verdict(of: serial) }

  /// The connection has been taken, and nobody will ask why it closed.
  package mutating func forget(_ connection: ConnectionView) {
    books.diagnosis.forget(connection.detail.serial)
  }

  package func forEachTracked(_ body: (ConnectionView) -> Void) {
    tracker.table.forEachConnection(body)
  }
}
