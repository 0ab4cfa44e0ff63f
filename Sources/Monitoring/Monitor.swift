package import ConnectionTracking
package import FlightRecorder
package import PacketDecoding
internal import StateAccounting

/// The pipeline on one screen: frame → segment → transition → books, and once a second a sample.
///
/// One thread owns it. Time is an argument, so that live capture, a file and a test are one code path.
package struct Monitor: ~Copyable {
  var tracker: Tracker
  var books: Books
  var ingest = IngestCounters()
  var undecoded = UndecodedCounts()
  var span = CapturedSpan()
  var nextSample: Instant?
  /// The daemon's own traffic: its readers would otherwise fill the figures they read.
  package var ownListeners = OwnListeners() {
    didSet { noteOwnPorts() }
  }
  /// Those it opens itself, to deliver alerts.
  package var ownConnections = OwnConnections() {
    didSet { noteOwnPorts() }
  }
  private var ownPorts = PortHints()
  /// Of owners, by their number; empty when nobody finds out who they are.
  var ownerNames: [String] = []
  /// Names of network namespaces by number, for records; the daemon's own has none.
  package var namespaces: [String?] = []
  /// How many octets of each segment's payload are looked at.
  package var payloadLimit: Int {
    get { batch.payloadLimit }
    set { batch.payloadLimit = newValue }
  }
  let surveysAtTicks: Bool
  var lingering = LingeringSurvey()
  let keepsSeries: Bool
  var series = TimeWaitSeries()
  private var packetClock: FrameClock?
  /// The headers of the last packets.
  package var recorder: FlightRecorder
  private let records: Bool
  private let recordedPayload: Int
  /// Segments that wait for their batch to be complete.
  private var batch: ArrivalBatch

  package init(_ settings: MonitorSettings) {
    tracker = Tracker(settings: settings.tracker)
    tracker.rememberSegments(limit: settings.segmentLog)
    books = Books(retention: settings.retention, limits: settings.accounts, awaitedCauses: settings.awaitedCauses)
    batch = ArrivalBatch(payloadLimit: settings.payloadLimit)
    surveysAtTicks = settings.surveysAtTicks
    keepsSeries = settings.keepsSeries
    recorder = FlightRecorder(size: settings.recorderSize, seed: settings.recorderSeed)
    records = recorder.isOn
    recordedPayload = settings.recordedPayload
  }

  /// Of the files so much has been read.
  package mutating func haveRead(_ fraction: Double) { tracker.haveRead(fraction) }

  /// Takes the frames of a file.
  ///
  /// - Parameter decoders: one for each interface.
  package mutating func ingest(_ octets: RawSpan, _ frames: Span<FrameRecord>, decoders: [FrameDecoder]) {
    guard !frames.isEmpty else { return }
    var clock = packetClock ?? FrameClock(since: frames[0].info.timestamp)
    var position = 0
    while position < frames.count {
      let number = Int(frames[position].info.interface)
      add(octets, frames, from: &position, UInt8(clamping: number), &clock, decoders[number])
    }
    packetClock = clock
    flush(octets)
  }

  /// Takes the frames of one interface, all at the same engine time.
  package mutating func ingest(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    interface: UInt8,
    decoder: borrowing FrameDecoder,
    at now: Instant
  ) {
    var clock = FrameClock(at: now)
    var position = 0
    while position < frames.count { add(octets, frames, from: &position, interface, &clock, decoder) }
    flush(octets)
  }

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
    var clock = now.map { FrameClock(at: $0) } ?? packetClock ?? FrameClock(since: captured)
    let record = FrameRecord(
      start: 0,
      count: UInt32(truncatingIfNeeded: frame.byteCount),
      nanoseconds: captured.nanoseconds,
      wireLength: wireLength
    )
    let records: InlineArray<1, FrameRecord> = [record]
    var position = 0
    add(frame, records.span, from: &position, interface, &clock, decoder)
    if now == nil { packetClock = clock }
    flush(frame)
  }

  /// Adds frames to the batch, as far as they hold segments and it has room, and takes the one at which that ended.
  ///
  /// - Parameter octets: those of the whole batch.
  private mutating func add(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    from position: inout Int,
    _ interface: UInt8,
    _ clock: inout FrameClock,
    _ decoder: borrowing FrameDecoder
  ) {
    let (first, returns) = (position, clock.returns)
    let stop = tracker.decode(
      octets,
      frames,
      from: &position,
      interface: interface,
      &clock,
      with: decoder,
      stoppingAt: ownPorts,
      into: &batch
    )
    let isOrdered = clock.followsPackets && clock.returns == returns
    count(octets, frames.extracting(first..<position), interface, isOrdered: isOrdered)
    if position < frames.count {
      switch stop {
      case .none: break
      case .content(let content):
        take(content, octets, frames.extracting(position...position), interface, at: clock.now)
        position += 1
      case .error(let error):
        countPacket(frames[position].info.timestamp)
        undecoded[error] += 1
        position += 1
        pass(to: clock.now, octets)
      }
    }
    if batch.isFull { flush(octets) }
  }

  /// Counts frames whose segments are the last of the batch.
  ///
  /// - Parameter isOrdered: none is earlier than one before it.
  private mutating func count(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ interface: UInt8,
    isOrdered: Bool = false
  ) {
    guard !frames.isEmpty else { return }
    if isOrdered {
      span.note(frames[0].info.timestamp)
      span.note(frames[frames.count - 1].info.timestamp)
    } else {
      for index in frames.indices { span.note(frames[index].info.timestamp) }
    }
    ingest.packets += frames.count
    ingest.tcpPackets += frames.count
    if records { record(octets, frames, interface) }
  }

  /// Takes a frame that was decoded, and holds no segment or one that may be the daemon's own.
  @inline(never)
  private mutating func take(
    _ content: FrameContent,
    _ octets: RawSpan,
    _ frame: Span<FrameRecord>,
    _ interface: UInt8,
    at moment: Instant
  ) {
    if !ownPorts.isEmpty, content.hasEnds, isOwnDecoded(interface) {
      ingest.own += 1
      batch.drop()
      return pass(to: moment, octets)
    }
    if case .segment = content { return count(octets, frame, interface) }
    countPacket(frame[0].info.timestamp)
    if case .icmpError(let kind, _) = content {
      ingest.icmpErrors += 1
      noteICMPError(kind, octets, interface)
    }
    pass(to: moment, octets)
  }

  @inline(never)
  private mutating func record(_ octets: RawSpan, _ frames: Span<FrameRecord>, _ interface: UInt8) {
    let first = batch.count - frames.count
    for index in frames.indices {
      let (frame, segment) = (frames[index], batch.segment(first + index))
      let count = min(Int(segment.payloadOffset) + recordedPayload, frame.range.count)
      recorder.record(octets, at: frame.range.lowerBound, count: count, segment, frame.info, interface: interface)
    }
  }

  /// What the error quotes may still wait in the batch.
  @inline(never)
  private mutating func noteICMPError(_ kind: ICMPError.Kind, _ octets: RawSpan, _ interface: UInt8) {
    let quoted = batch.decoded
    flush(octets)
    tracker.noteICMPError(kind, quoting: quoted, interface: interface, observer: &books)
  }

  /// Takes the segments of the batch, and the samples that are due between them.
  private mutating func flush(_ octets: RawSpan) {
    tracker.seek(&batch)
    while let moment = batch.nextTime {
      if isSampleDue(at: moment) { tick(at: moment) }
      tracker.receive(&batch, before: nextSample ?? moment, octets, observer: &books)
    }
    batch.clear()
  }

  /// Time goes on with frames that hold no segment, too.
  private mutating func pass(to moment: Instant, _ octets: RawSpan) {
    guard isSampleDue(at: moment) else { return }
    flush(octets)
    if isSampleDue(at: moment) { tick(at: moment) }
  }

  @inline(__always)
  private func isSampleDue(at moment: Instant) -> Bool { moment >= nextSample ?? moment }

  package mutating func setLocalAddresses(_ addresses: LocalAddresses, in namespace: UInt8 = 0) {
    tracker.settings.change(namespace) { $0.localAddresses = addresses }
  }

  /// What is captured on this interface is seen in this network namespace.
  package mutating func place(interface number: UInt8, in namespace: UInt8) {
    tracker.settings.place(interface: number, in: namespace)
  }

  /// The engine's own clock for a file: packet time that never goes back.
  package var packetNow: Instant? { packetClock?.now }

  @inline(__always)
  private mutating func countPacket(_ captured: Timestamp) {
    ingest.packets += 1
    span.note(captured)
  }

  private mutating func noteOwnPorts() {
    ownPorts = ownListeners.ports
    ownPorts.formUnion(ownConnections.ports)
  }

  @inline(never)
  private mutating func isOwnDecoded(_ interface: UInt8) -> Bool {
    let ends = batch.decodedEnds
    return isOwn(ends.source, ends.destination, in: tracker.settings.namespace(ofInterface: interface))
  }

  func isOwn(_ source: Endpoint, _ destination: Endpoint, in namespace: UInt8) -> Bool {
    guard namespace == 0 else { return false }
    let local = tracker.settings.localAddresses
    return ownListeners.answer(at: source, local) || ownListeners.answer(at: destination, local)
      || ownConnections.include(source, destination, local)
  }
}
