/// The pipeline on one screen: frame → segment → transition → books, and once a second a sample.
///
/// One thread owns it. Time is an argument, so that live capture, a file and a test are one code path.
package struct Monitor: ~Copyable {
  private(set) var tracker: Tracker
  private(set) var books: Books
  private var ingest = IngestCounters()
  private var undecoded = UndecodedCounts()
  private var span = CapturedSpan()
  private var nextSample: Instant?
  /// Ports of the daemon's own listeners.
  package var ownPorts: Set<UInt16> = []
  private let followsPacketTime: Bool
  private var packetClock: Instant?
  /// Segments that wait for their batch to be complete.
  private var batch = InlineArray<32, Arrival>(repeating: Arrival())
  private var batchCount = 0

  package init(_ settings: MonitorSettings) {
    tracker = Tracker(settings: settings.tracker)
    books = Books(retention: settings.retention)
    followsPacketTime = settings.followsPacketTime
  }

  // MARK: In

  /// Takes the frames of a file.
  ///
  /// - Parameter decoders: one for each interface.
  package mutating func ingest(_ octets: RawSpan, _ frames: Span<FrameRecord>, decoders: [FrameDecoder]) {
    for index in frames.indices {
      let frame = frames[index]
      let number = Int(frame.info.interface)
      ingest(
        octets.extracting(frame.range),
        wireLength: frame.info.wireLength,
        captured: frame.info.timestamp,
        interface: UInt8(clamping: number),
        decoder: decoders[number]
      )
    }
  }

  /// Takes one frame. What it holds counts at the latest after `flush`.
  ///
  /// - Parameters:
  ///   - now: engine time; nil to go by packet time, as for a file.
  @inline(__always)
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
    span.note(captured)
    do {
      switch try decoder.decode(frame, wireLength: wireLength, into: &batch[batchCount].segment) {
      case .segment:
        add(interface: interface, at: moment, captured: captured)
        return
      case .icmpError:
        ingest.icmpErrors += 1
        tracker.noteICMPError()
      case .laterFragment, .other: break
      }
    } catch {
      undecoded[error] += 1
    }
    pass(to: moment)
  }

  /// The segment stands in the batch: what else belongs to it.
  @inline(__always)
  private mutating func add(interface: UInt8, at now: Instant, captured: Timestamp) {
    let number = batchCount
    if !ownPorts.isEmpty, isOwn(batch[number].segment) {
      ingest.own += 1
      pass(to: now)
      return
    }
    ingest.tcpPackets += 1
    batch[number].interface = interface
    batch[number].now = now
    batch[number].captured = captured
    tracker.recognize(&batch[number])
    batchCount = number + 1
    if batchCount == batch.count { flush() }
  }

  /// Takes the segments that wait: at the end of what capture had to hand over, and before anything is read.
  package mutating func flush() {
    let count = batchCount
    for number in 0..<count { tracker.seek(&batch[number]) }
    for number in 0..<count {
      if isSampleDue(at: batch[number].now) { takeSample(at: batch[number].now) }
      tracker.receive(&batch[number], observer: &books)
    }
    batchCount = 0
  }

  /// Time goes on with frames that hold no segment, too.
  private mutating func pass(to moment: Instant) {
    guard isSampleDue(at: moment) else { return }
    tick(at: moment)
  }

  @inline(__always)
  private func isSampleDue(at moment: Instant) -> Bool { moment >= nextSample ?? moment }

  /// Meets deadlines and takes the samples that are due. Live, at least once a second.
  package mutating func tick(at now: Instant) {
    flush()
    takeSample(at: now)
  }

  private mutating func takeSample(at now: Instant) {
    guard let due = nextSample else {
      nextSample = now + Seconds(1)
      return
    }
    tracker.advance(to: now, observer: &books)
    guard now >= due else { return }
    books.ledger.samplePeaks()
    books.forget(before: now)
    nextSample = now + Seconds(1)
  }

  package mutating func setLocalAddresses(_ addresses: LocalAddresses) {
    flush()
    tracker.settings.localAddresses = addresses
  }

  /// The last sample of a file, so that a short one has its peaks too.
  package mutating func finish() {
    flush()
    books.ledger.samplePeaks()
  }

  // MARK: Out

  package mutating func snapshot(at time: Timestamp) -> Snapshot {
    flush()
    var snapshot = Snapshot(time: time)
    snapshot.ingest = ingest
    snapshot.ingest.duplicates = tracker.duplicates
    snapshot.ingest.undecoded = undecoded.byReason
    for anomaly in Anomaly.allCases where tracker.anomalies[anomaly] > 0 {
      snapshot.ingest.anomalies[anomaly.name] = tracker.anomalies[anomaly]
    }
    snapshot.first = span.first
    snapshot.last = span.last
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
    flush()
    return books.takeEnded()
  }

  package mutating func forEachTracked(_ body: (ConnectionView) -> Void) {
    flush()
    for number in 0..<tracker.table.slotLimit {
      if let connection = tracker.table.connection(atNumber: number) { body(connection) }
    }
  }

  /// The engine's own clock for a file: packet time that never goes back.
  package var packetNow: Instant? { packetClock }

  @inline(__always)
  private mutating func packetTime(_ captured: Timestamp) -> Instant {
    let time = Instant(nanoseconds: captured.nanoseconds)
    let clock = packetClock ?? time
    guard time > clock else {
      packetClock = clock
      return clock
    }
    if time - clock > Self.longestGap { tracker.noteTimeJump() }
    packetClock = time
    return time
  }

  private static let longestGap = Seconds(86_400)

  /// The daemon's own listener, on loopback: its readers would otherwise fill the figures they read.
  private func isOwn(_ segment: Segment) -> Bool {
    ownPorts.contains(segment.source.port) && tracker.settings.localAddresses.contains(segment.source.address)
      || ownPorts.contains(segment.destination.port)
        && tracker.settings.localAddresses.contains(segment.destination.address)
  }
}

/// From the first packet to the last, in their own time: they may come out of order.
private struct CapturedSpan {
  private var earliest = Int64.max
  private var latest = Int64.min

  var first: Timestamp? { earliest <= latest ? Timestamp(nanoseconds: earliest) : nil }
  var last: Timestamp? { earliest <= latest ? Timestamp(nanoseconds: latest) : nil }

  @inline(__always)
  mutating func note(_ captured: Timestamp) {
    earliest = min(earliest, captured.nanoseconds)
    latest = max(latest, captured.nanoseconds)
  }
}

/// What a monitor is told at start.
package struct MonitorSettings: Sendable {
  package var tracker: TrackerSettings
  package var retention: ClosedRetention
  package var followsPacketTime = false

  package init(tracker: TrackerSettings, retention: ClosedRetention) {
    self.tracker = tracker
    self.retention = retention
  }
}
