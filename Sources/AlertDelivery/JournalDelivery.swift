package import Alerting
import Logging
import Synchronization

/// Alerts as journal entries with fields, so that `journalctl TCPSTATED_ALERT=time-wait` finds them.
package final class JournalDelivery: AlertChannel {
  private let socket: JournalSocket
  private let fallback: any AlertChannel
  private let refusals = Atomic(0)

  /// - Parameter fallback: what gets an alert that the journal did not take.
  package init(socket: JournalSocket, otherwise fallback: any AlertChannel) {
    self.socket = socket
    self.fallback = fallback
  }

  /// Entries that the journal did not take, since start.
  package var refused: Int { refusals.load(ordering: .relaxed) }

  package func deliver(_ event: AlertEvent) {
    guard !socket.send(Self.datagram(event).bytes) else { return }
    refusals.add(1, ordering: .relaxed)
    fallback.deliver(event)
  }

  static func datagram(_ event: AlertEvent) -> JournalDatagram {
    let alert = AlertFields(event)
    var datagram = JournalDatagram()
    datagram.add("MESSAGE", SafeText.escape(alert.message))
    datagram.add("PRIORITY", "\(alert.level.priority)")
    datagram.add("SYSLOG_IDENTIFIER", "tcpstated")
    for (name, value) in alert.fields { datagram.add("TCPSTATED_\(name)", SafeText.escape(value)) }
    for label in alert.status.labels { datagram.add("TCPSTATED_\(label.name)", SafeText.escape(label.value)) }
    return datagram
  }
}
