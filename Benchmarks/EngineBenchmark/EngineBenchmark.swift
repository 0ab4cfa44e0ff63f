import Engine
import PacketCapture

@main
enum EngineBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    let path = arguments[2]
    var timeline = try Timeline(paths: [path])
    switch arguments[1] {
    case "read":
      var sink = ReadSink()
      try timeline.read(into: &sink)
      print(timeline.packets, sink.octets)
    case "decode":
      var sink = DecodeSink()
      try timeline.read(into: &sink)
      print(timeline.packets, sink.segments, sink.octets)
    default:
      var sink = TrackSink()
      try timeline.read(into: &sink)
      print(timeline.packets, sink.monitor.snapshot(at: Timestamp(nanoseconds: 0)).accounts.connections)
    }
  }
}

struct ReadSink: FrameSink, ~Copyable {
  var octets = 0
  mutating func declare(_ interface: CaptureInterface) {}
  mutating func take(_ frame: RawSpan, _ info: FrameInfo) { octets &+= frame.byteCount }
}

struct DecodeSink: FrameSink, ~Copyable {
  var octets = 0
  var segments = 0
  var decoder = FrameDecoder(linkType: .ethernet)
  mutating func declare(_ interface: CaptureInterface) {}
  mutating func take(_ frame: RawSpan, _ info: FrameInfo) {
    var segment = Segment.blank
    guard case .segment = try? decoder.decode(frame, wireLength: info.wireLength, into: &segment) else { return }
    segments += 1
    octets &+= Int(segment.payloadLength)
  }
}

struct TrackSink: FrameSink, ~Copyable {
  var monitor: Monitor
  var decoder = FrameDecoder(linkType: .ethernet)
  init() {
    var settings = MonitorSettings(tracker: TrackerSettings(capacity: 1 << 22), retention: .within(.zero, count: 0))
    settings.followsPacketTime = true
    monitor = Monitor(settings)
  }
  mutating func declare(_ interface: CaptureInterface) {}
  mutating func take(_ frame: RawSpan, _ info: FrameInfo) {
    monitor.ingest(frame, wireLength: info.wireLength, captured: info.timestamp, interface: 0, decoder: decoder)
  }
}
