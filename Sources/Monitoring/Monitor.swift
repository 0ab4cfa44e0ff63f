internal import Alerting
package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// The pipeline on one screen: frame → segment → transition → books, and once a second a sample.
///
/// One thread owns it. Time is an argument, so that live capture, a file and a test are one code path.
package struct Monitor: ~Copyable {
  var tracker: Tracker
  var books: Books
  private var ingest = IngestCounters()
  private var undecoded = UndecodedCounts()
  private var first: Timestamp?
  private var last: Timestamp?
  private var nextSample: Instant?
  /// Ports of the daemon's own listeners.
  package var ownPorts: Set<UInt16> = []
  /// Names of network namespaces by number, for records; the daemon's own has none.
  package var namespaces: [String?] = []
  private let payloadLimit: Int
  private let followsPacketTime: Bool
  private var packetClock: Instant?

  package init(_ settings: MonitorSettings) {
    tracker = Tracker(settings: settings.tracker)
    books = Books(retention: settings.retention)
    payloadLimit = settings.payloadLimit
    followsPacketTime = settings.followsPacketTime
  }

  // MARK: In

  /// Takes one frame.
  ///
  /// - Parameters:
  ///   - now: engine time; nil to go by packet time, as for a file.
  package mutating func ingest(
    _ frame: RawSpan,
    wireLength: UInt32,
    captured: Timestamp,
    interface: UInt8,
    decoder: borrowing FrameDecoder,
    at now: Instant? = nil
  ) {
    ingest.packets += 1
    let moment = now ?? packetTime(captured)
    note(captured)
    if moment >= nextSample ?? moment { tick(at: moment) }
    do {
      var segment = Segment.blank
      switch try decoder.decode(frame, wireLength: wireLength, into: &segment) {
      case .segment: take(segment, frame, interface: interface, at: moment, captured: captured)
      case .icmpError:
        ingest.icmpErrors += 1
        tracker.noteICMPError()
      case .laterFragment, .other: break
      }
    } catch {
      undecoded[error] += 1
    }
  }

  private mutating func take(
    _ segment: Segment,
    _ frame: RawSpan,
    interface: UInt8,
    at now: Instant,
    captured: Timestamp
  ) {
    if isOwn(segment.source, segment.destination, in: tracker.settings.namespace(ofInterface: interface)) {
      ingest.own += 1
      return
    }
    ingest.tcpPackets += 1
    let start = min(Int(segment.payloadOffset), frame.byteCount)
    let visible = min(Int(segment.payloadLength), payloadLimit)
    let payload = frame.extracting(start..<min(start + visible, frame.byteCount))
    books.now = now
    tracker.receive(segment, payload: payload, interface: interface, at: now, captured: captured, observer: &books)
  }

  /// Meets deadlines and takes the samples that are due. Live, at least once a second.
  package mutating func tick(at now: Instant) {
    guard let due = nextSample else {
      books.forget(before: now)
      nextSample = now + Seconds(1)
      return
    }
    tracker.advance(to: now, observer: &books)
    guard now >= due else { return }
    books.ledger.samplePeaks()
    books.forget(before: now)
    nextSample = now + Seconds(1)
  }

  package mutating func setLocalAddresses(_ addresses: LocalAddresses, in namespace: UInt8 = 0) {
    tracker.settings.change(namespace) { $0.localAddresses = addresses }
  }

  /// What is captured on this interface is seen in this network namespace.
  package mutating func place(interface number: UInt8, in namespace: UInt8) {
    tracker.settings.place(interface: number, in: namespace)
  }

  /// The last sample of a file, so that a short one has its peaks too.
  package mutating func finish() {
    books.ledger.samplePeaks()
    books.diagnosis.decideAll()
  }

  // MARK: Out

  package mutating func snapshot(at time: Timestamp) -> Snapshot {
    var snapshot = Snapshot(time: time)
    snapshot.ingest = ingest
    snapshot.ingest.duplicates = tracker.duplicates
    snapshot.ingest.undecoded = undecoded.byReason
    for anomaly in Anomaly.allCases where tracker.anomalies[anomaly] > 0 {
      snapshot.ingest.anomalies[anomaly.name] = tracker.anomalies[anomaly]
    }
    snapshot.causes = books.diagnosis.current
    snapshot.exchanges = tracker.exchanges
    snapshot.first = first
    snapshot.last = last
    snapshot.accounts = books.ledger.accounts
    snapshot.table.capacity = tracker.settings.capacity
    snapshot.table.used = tracker.trackedCount
    snapshot.table.halfOpen = tracker.halfOpenCount
    snapshot.table.evicted = tracker.evicted
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
    for number in 0..<tracker.table.slotLimit {
      if let connection = tracker.table.connection(atNumber: number) { body(connection) }
    }
  }

  /// The engine's own clock for a file: packet time that never goes back.
  package var packetNow: Instant? { packetClock }

  private mutating func packetTime(_ captured: Timestamp) -> Instant {
    let time = Instant(nanoseconds: captured.nanoseconds)
    guard let clock = packetClock else {
      packetClock = time
      return time
    }
    guard time > clock else { return clock }
    if time - clock > Self.longestGap { tracker.noteTimeJump() }
    packetClock = time
    return time
  }

  private static let longestGap = Seconds(86_400)

  private mutating func note(_ captured: Timestamp) {
    first = min(first ?? captured, captured)
    last = max(last ?? captured, captured)
  }

  /// The daemon's own listener, on loopback: its readers would otherwise fill the figures they read.
  func isOwn(_ source: Endpoint, _ destination: Endpoint, in namespace: UInt8) -> Bool {
    guard namespace == 0, !ownPorts.isEmpty else { return false }
    let local = tracker.settings.localAddresses
    return ownPorts.contains(source.port) && local.contains(source.address)
      || ownPorts.contains(destination.port) && local.contains(destination.address)
  }
}

/// What a monitor is told at start.
package struct MonitorSettings: Sendable {
  package var tracker: TrackerSettings
  package var retention: ClosedRetention
  package var followsPacketTime = false
  /// How many octets of each segment's payload may be looked at.
  package var payloadLimit = Int.max

  package init(tracker: TrackerSettings, retention: ClosedRetention) {
    self.tracker = tracker
    self.retention = retention
  }
}
