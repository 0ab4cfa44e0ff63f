package import Alerting
package import Logging

/// A way for alerts to reach people. Called where alerts are evaluated, so it never blocks.
package protocol AlertChannel: Sendable {
  func deliver(_ event: AlertEvent)
}

/// Where alerts go on this host without anybody saying so: one line when one fires, one when it clears.
package enum LocalAlerts {
  /// With fields to the journal when standard error is the journal's, otherwise to the log; never to both.
  package static func channel(logger: Logger, stream: LogStream) -> any AlertChannel {
    let log = LogDelivery(logger: logger)
    guard stream.isJournal, let journal = JournalSocket() else { return log }
    return JournalDelivery(socket: journal, otherwise: log)
  }
}
