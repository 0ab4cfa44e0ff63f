package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding

/// A connection that closed, with what was decided of it: what leaves the capture thread, where making a record of each
/// would take too long.
package struct ClosedConnection: Sendable {
  package var connection: ConnectionView
  package var verdict: CauseVerdict?
  package var owner: OwnerRecord?
  package var clientOwner: OwnerRecord?
  /// Name of the network namespace it was seen in; nil for the daemon's own.
  package var namespace: String?
  /// When it was taken: what is left of a TIME_WAIT counts from here.
  package var takenAt: Instant

  package init(_ connection: ConnectionView, takenAt: Instant) {
    self.connection = connection
    self.takenAt = takenAt
  }

  /// - Parameter interfaces: names by interface number.
  package func record(interfaces: [String]) -> ConnectionRecord {
    var record = ConnectionRecord(connection, at: takenAt, interfaces: interfaces)
    record.note(verdict)
    record.owner = owner
    record.clientOwner = clientOwner
    record.namespace = namespace
    return record
  }
}
