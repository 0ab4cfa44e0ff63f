internal import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding

/// Connections that closed, until it is decided why: each is handed out once, whole.
///
/// All stay a moment, in which the last acknowledgments come. Bounded: what is beyond waits no longer, or is counted as
/// lost.
struct AwaitedCloses: Sendable {
  /// Somebody takes them.
  var isOn = false
  /// Closed while so many waited that there was no room for them.
  private(set) var lost = 0
  private var entries: [UInt64: Entry] = [:]
  /// Those that left the table, as they were then.
  private var departed: [UInt64: ConnectionView] = [:]
  /// Serials in the order of their closes: those that have just closed, and those whose cause is awaited.
  private var settling = SerialQueue()
  private var undecided = SerialQueue()

  struct Entry: Sendable {
    var key: FlowKey
    var at: Instant
    var verdict: CauseVerdict?
  }

  private static let moment = Seconds(2)
  private static let longestQueue = 65_536

  mutating func end(_ connection: ConnectionView, at now: Instant) {
    guard entries.count < 2 * Self.longestQueue else {
      lost += 1
      return
    }
    let serial = connection.detail.serial
    // One that ended before, as the kernel's table had it, has its place.
    if entries.updateValue(Entry(key: connection.key, at: now), forKey: serial) == nil { settling.append(serial) }
  }

  mutating func leave(_ connection: ConnectionView) {
    let serial = connection.detail.serial
    if entries[serial] != nil { departed[serial] = connection }
  }

  mutating func decide(_ serial: UInt64, _ verdict: CauseVerdict) {
    entries[serial]?.verdict = verdict
  }

  /// Gives those of which nothing more is awaited to `body`, with the connection where it has left the table.
  ///
  /// - Parameter all: nothing more will come.
  mutating func take(at now: Instant, all: Bool = false, _ body: (UInt64, Entry, ConnectionView?) -> Void) {
    while let serial = settling.first, let entry = entries[serial] {
      guard all || settling.count > Self.longestQueue || now - entry.at >= Self.moment else { break }
      settling.removeFirst()
      if all || entry.verdict != nil { hand(serial, entry, to: body) } else { undecided.append(serial) }
    }
    while let serial = undecided.first, let entry = entries[serial] {
      guard all || entry.verdict != nil else { break }
      undecided.removeFirst()
      hand(serial, entry, to: body)
    }
  }

  private mutating func hand(_ serial: UInt64, _ entry: Entry, to body: (UInt64, Entry, ConnectionView?) -> Void) {
    entries.removeValue(forKey: serial)
    body(serial, entry, departed.removeValue(forKey: serial))
  }
}

/// First in, first out.
private struct SerialQueue: Sendable {
  private var serials: [UInt64] = []
  private var taken = 0

  var count: Int { serials.count - taken }
  var first: UInt64? { taken < serials.count ? serials[taken] : nil }

  mutating func append(_ serial: UInt64) { serials.append(serial) }

  mutating func removeFirst() {
    taken += 1
    // Moving the rest up costs as much as has been taken at least.
    guard taken > 1024, taken * 2 > serials.count else { return }
    serials.removeFirst(taken)
    taken = 0
  }
}
