internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding

/// Connections for those who want each once, when it has closed and it is decided why.
extension Monitor {
  /// From now on closed connections are kept until they are taken.
  package mutating func awaitCloses() {
    books.awaited.isOn = true
    books.diagnosis.announcesVerdicts = true
  }

  /// Closed connections that were never handed out: there were too many at once.
  package var lostCloses: Int { books.awaited.lost }

  /// Those whose cause was decided since the last call; at most a minute after they closed.
  ///
  /// - Parameter all: also those that wait for the others: nothing more will come.
  package mutating func takeClosed(at now: Instant, all: Bool = false) -> [ClosedConnection] {
    guard books.awaited.isOn else { return [] }
    if all { books.diagnosis.decideAll() }
    for (serial, verdict) in books.diagnosis.takeAnnounced() { books.awaited.decide(serial, verdict) }
    var awaited = books.awaited
    books.awaited = AwaitedCloses()
    var closed: [ClosedConnection] = []
    awaited.take(at: now, all: all) { serial, entry, departed in
      guard let connection = departed ?? tracker.table.connection(entry.key, serial: serial) else { return }
      closed.append(self.closed(connection, entry.verdict, at: now))
    }
    books.awaited = awaited
    return closed
  }

  private func closed(_ connection: ConnectionView, _ verdict: CauseVerdict?, at now: Instant) -> ClosedConnection {
    var closed = ClosedConnection(connection, takenAt: now)
    closed.verdict = verdict
    let namespace = Int(connection.key.namespace)
    if namespace < namespaces.count { closed.namespace = namespaces[namespace] }
    (closed.owner, closed.clientOwner) = owners(of: connection)
    return closed
  }
}
