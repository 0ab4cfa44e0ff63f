import ConnectionTracking
import FuzzDriver
import Glibc
import Monitoring
import PacketCapture
import PacketDecoding

/// A capture file through the real reader and the whole engine. The first octet decides whether a filter is on.
enum CaptureFileTarget {
  /// O_TMPFILE (asm-generic/fcntl.h), which Swift does not import.
  private static let unnamed = O_DIRECTORY | 0o20000000

  static func run(_ octets: RawSpan) {
    guard octets.byteCount > 1 else { return }
    // A file that has no name, in memory.
    let descriptor = unsafe open("/dev/shm", unnamed | O_RDWR, S_IRUSR | S_IWUSR)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let file = octets.extracting(1..<octets.byteCount)
    let written = unsafe file.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    guard written == file.byteCount else { return }
    var sink = Sink()
    do {
      let filter = octets.byteOffsets.isEmpty || octets.firstOctet & 1 == 0 ? nil : "tcp port 80 or ip6"
      var timeline = try Timeline(paths: ["/proc/self/fd/\(descriptor)"], filter: filter)
      try timeline.read(into: &sink)
      promise(sink.frames <= file.byteCount, "no more packets than octets")
    } catch {
      promise(!"\(error)".contains("\u{1B}"), "an error repeats no control characters")
    }
    sink.check()
  }

  private struct Sink: FrameSink, ~Copyable {
    var frames = 0
    private var monitor: Monitor
    private var decoders: [FrameDecoder] = []

    init() {
      let settings = MonitorSettings(tracker: TrackerSettings(capacity: 64), retention: .within(Seconds(60), count: 16))
      monitor = Monitor(settings)
    }

    mutating func declare(_ interface: CaptureInterface) {
      decoders.append(FrameDecoder(linkType: interface.linkType))
    }

    mutating func take(_ octets: RawSpan, _ records: Span<FrameRecord>) {
      frames += records.count
      monitor.ingest(octets, records, decoders: decoders)
    }

    mutating func check() {
      monitor.finish()
      let snapshot = monitor.snapshot(at: nil)
      promise(snapshot.table.used <= 64, "the table keeps to its capacity")
    }
  }
}

extension RawSpan {
  fileprivate var firstOctet: UInt8 { unsafe unsafeLoad(fromByteOffset: 0, as: UInt8.self) }
}
