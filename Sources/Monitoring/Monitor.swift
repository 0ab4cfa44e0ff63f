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
  var packetClock: Instant?
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

  /// Takes the frames of a file.
  ///
  /// - Parameter decoders: one for each interface.
  package mutating func ingest(_ octets: RawSpan, _ frames: Span<FrameRecord>, decoders: [FrameDecoder]) {
    for index in frames.indices {
      let frame = frames[index]
      let number = Int(frame.info.interface)
      let moment = packetTime(frame.info.timestamp)
      add(octets, frame, UInt8(clamping: number), decoders[number], at: moment)
    }
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
    for index in frames.indices {
      let frame = frames[index]
      add(octets, frame, interface, decoder, at: now)
    }
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
    let moment = now ?? packetTime(captured)
    let record = FrameRecord(
      start: 0,
      count: UInt32(truncatingIfNeeded: frame.byteCount),
      nanoseconds: captured.nanoseconds,
      wireLength: wireLength
    )
    add(frame, record, interface, decoder, at: moment)
    flush(frame)
  }

  /// Adds a frame to the batch.
  ///
  /// - Parameter octets: those of the whole batch.
  @inline(__always)
  private mutating func add(
    _ octets: RawSpan,
    _ frame: FrameRecord,
    _ interface: UInt8,
    _ decoder: borrowing FrameDecoder,
    at moment: Instant
  ) {
    do {
      let content = try tracker.decode(
        octets,
        frame,
        interface: interface,
        at: moment,
        with: decoder,
        into: &batch
      )
      if !ownPorts.isEmpty, content.hasEnds, case let ports = batch.decodedPorts,
        ownPorts.mayContain(ports.source) || ownPorts.mayContain(ports.destination), isOwnDecoded(interface)
      {
        ingest.own += 1
        batch.drop()
        return pass(to: moment, octets)
      }
      countPacket(frame.info.timestamp)
      switch content {
      case .segment:
        ingest.tcpPackets += 1
        if records { record(octets, frame, interface) }
        if batch.isFull { flush(octets) }
        return
      case .icmpError(let kind, _):
        ingest.icmpErrors += 1
        noteICMPError(kind, octets, interface)
      case .laterFragment, .other: break
      }
    } catch {
      countPacket(frame.info.timestamp)
      undecoded[error] += 1
    }
    pass(to: moment, octets)
  }

  private mutating func record(_ octets: RawSpan, _ frame: FrameRecord, _ interface: UInt8) {
    let segment = batch.decoded
    let count = min(Int(segment.payloadOffset) + recordedPayload, frame.range.count)
    recorder.record(octets, at: frame.range.lowerBound, count: count, segment, frame.info, interface: interface)
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
    if batch.hasControls { tracker.expect(&batch, observer: &books) }
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

  static let longestGap = Seconds(86_400)

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
