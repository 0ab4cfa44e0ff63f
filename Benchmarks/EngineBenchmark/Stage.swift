import ConnectionTracking
import Monitoring
import PacketCapture
import PacketDecoding
import StateAccounting

/// How far packets go: each stage includes those before it.
enum Stage: String {
  case read
  case decode
  case track
  /// With the headers of the packets recorded.
  case record
  /// As the daemon does: with traffic of its own left out, closed connections kept, and what opened and closed them.
  case watch
  /// The same, of segments with SYN, FIN or RST alone.
  case control

  func run(_ path: String) throws(CaptureError) -> String {
    var timeline = try Timeline(paths: [path])
    switch self {
    case .read:
      var sink = ReadingSink()
      try timeline.read(into: &sink)
      return "packets \(timeline.packets)\noctets \(sink.octets)\n"
    case .decode:
      var sink = DecodingSink()
      try timeline.read(into: &sink)
      return "packets \(timeline.packets)\nsegments \(sink.segments)\n"
    case .track, .record, .watch:
      var sink = TrackingSink(self)
      while try timeline.readBatch(into: &sink) { sink.haveRead(timeline.fraction) }
      return sink.totals.text
    case .control:
      var sink = ControlOnlySink(all: TrackingSink(.watch))
      sink.all.beginControlOnly()
      try timeline.read(into: &sink)
      return sink.all.totals.text
    }
  }
}

private struct ReadingSink: FrameSink, ~Copyable {
  var octets = 0

  mutating func declare(_ interface: CaptureInterface) {}

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    for index in frames.indices { self.octets &+= frames[index].range.count }
  }
}

private struct DecodingSink: FrameSink, ~Copyable {
  var segments = 0
  private var decoder = FrameDecoder(linkType: .ethernet)

  mutating func declare(_ interface: CaptureInterface) {
    decoder = FrameDecoder(linkType: interface.linkType)
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    var segment = Segment.blank
    for index in frames.indices {
      let frame = octets.extracting(frames[index].range)
      let content = try? decoder.decode(frame, wireLength: frames[index].info.wireLength, into: &segment)
      if case .segment = content { segments += 1 }
    }
  }
}

private struct TrackingSink: FrameSink, ~Copyable {
  private var monitor: Monitor
  private let isDaemon: Bool
  private var decoders: [FrameDecoder] = []

  init(_ stage: Stage) {
    var settings = stage == .watch ? Self.daemon : MonitorSettings(forFilesWith: .within(.zero, count: 0))
    if stage == .record { settings.recorderSize = 16 << 20 }
    monitor = Monitor(settings)
    isDaemon = stage == .watch
    guard stage == .watch else { return }
    let loopback = IPAddress(ipv4: 0x7F00_0001)
    monitor.setLocalAddresses(LocalAddresses(addresses: [loopback], networks: []))
    monitor.ownListeners = OwnListeners([Endpoint(address: loopback, port: 11060)])
  }

  private static var daemon: MonitorSettings {
    let retention = ClosedRetention.within(Seconds(300), count: 50_000)
    var settings = MonitorSettings(tracker: TrackerSettings(capacity: 1 << 22), retention: retention)
    // What its memory_limit has room for, by default.
    settings.segmentLog = 250_000
    return settings
  }

  mutating func declare(_ interface: CaptureInterface) {
    decoders.append(FrameDecoder(linkType: interface.linkType))
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    monitor.ingest(octets, frames, decoders: decoders)
  }

  /// A daemon cannot know.
  mutating func haveRead(_ fraction: Double?) {
    if let fraction, !isDaemon { monitor.haveRead(fraction) }
  }

  mutating func beginControlOnly() { monitor.beginControlOnly(at: Instant(nanoseconds: 0)) }

  var totals: Totals {
    mutating get {
      monitor.finish()
      let snapshot = monitor.snapshot(at: Timestamp(nanoseconds: 0))
      return Totals(snapshot)
    }
  }
}

private struct ControlOnlySink: FrameSink, ~Copyable {
  var all: TrackingSink

  mutating func declare(_ interface: CaptureInterface) { all.declare(interface) }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    var passed: [FrameRecord] = []
    passed.reserveCapacity(frames.count)
    for index in frames.indices where TraceFile.isControl(octets.extracting(frames[index].range)) {
      passed.append(frames[index])
    }
    all.take(octets, passed.span)
  }
}
