package import ConnectionTracking
package import PacketDecoding

/// The kernel's socket table beside the packets.
extension Monitor {
  /// Holds an entry of the kernel's table against what is known; nil for the daemon's own connections.
  package mutating func compare(
    _ entry: SocketEntry,
    in reading: TableReading,
    at now: Instant,
    time: Timestamp
  ) -> TableFinding? {
    guard !isOwn(entry.local, entry.remote, in: reading.namespace) else { return nil }
    return tracker.compare(entry, in: reading, at: now, time: time, observer: &books)
  }

  /// See `Tracker.missing`.
  package func missing(
    in reading: TableReading,
    from first: UInt32,
    count: UInt32,
    at now: Instant,
    into missing: inout [MissingSocket]
  ) -> UInt32? {
    tracker.missing(in: reading, from: first, count: count, at: now, into: &missing)
  }

  /// See `Tracker.noteAbsence`.
  package mutating func noteAbsence(
    of name: SocketName,
    in reading: TableReading,
    overflowed: Bool,
    at now: Instant
  ) -> AbsenceFinding {
    tracker.noteAbsence(of: name, in: reading, overflowed: overflowed, at: now, observer: &books)
  }

  /// How this host's kernel ends TIME_WAIT.
  package mutating func setTimer(_ timer: TimeWaitTimer, at now: Instant) {
    tracker.setTimer(timer, at: now, observer: &books)
  }

  /// See `Tracker.overdueTimeWaits`.
  package func overdueTimeWaits(at now: Instant) -> [Int] { tracker.overdueTimeWaits(at: now) }

  /// What the kernel of a network namespace says of itself.
  package mutating func setRules(of namespace: UInt8, _ change: (inout HostRules) -> Void) {
    tracker.settings.change(namespace, change)
  }

  /// See `Tracker.takeUnconfirmed`.
  package mutating func takeUnconfirmed(in namespace: UInt8, at now: Instant) -> [SocketName] {
    tracker.takeUnconfirmed(in: namespace, at: now, observer: &books)
  }

  /// See `Tracker.noteCustody`.
  package mutating func noteCustody(
    of name: SocketName,
    hasSocket: Bool,
    asked time: Timestamp,
    overflowed: Bool,
    at now: Instant
  ) {
    tracker.noteCustody(
      of: name,
      hasSocket: hasSocket,
      asked: time,
      overflowed: overflowed,
      at: now,
      observer: &books
    )
  }

  /// Local ends that went to FIN_WAIT_2 since the last call, and are still there.
  package mutating func takeHalfClosed(in namespace: UInt8) -> [SocketName] {
    tracker.takeHalfClosed(in: namespace)
  }
}
