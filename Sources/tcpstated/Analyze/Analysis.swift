import Alerting
import CloseDiagnosis
import ConnectionTracking
import Monitoring
import PacketCapture
import PacketDecoding
import StateAccounting

/// The engine over capture files: what the daemon does with frames, in packet time.
struct Analysis: FrameSink, ~Copyable {
  struct Options {
    var local: [CIDR] = []
    var verifiesChecksums = false
    /// Single connections are wanted, not just their numbers.
    var keepsConnections = false
  }

  private var monitor: Monitor
  private let options: Options
  /// By number of the interface.
  private var decoders: [FrameDecoder] = []
  private var interfaces: [String] = []

  /// At once. The table grows as connections come; beyond it the oldest are shed, and counted as such.
  private static let capacity = 1 << 22

  init(_ options: Options) {
    self.options = options
    var tracker = TrackerSettings(capacity: Self.capacity)
    tracker.localAddresses = LocalAddresses(addresses: [], networks: options.local)
    let retention = options.keepsConnections ? ClosedRetention.all : .within(.zero, count: 0)
    var settings = MonitorSettings(tracker: tracker, retention: retention)
    settings.followsPacketTime = true
    settings.surveysAtTicks = false
    settings.keepsSeries = true
    monitor = Monitor(settings)
  }

  mutating func declare(_ interface: CaptureInterface) {
    var decoding = DecoderOptions()
    decoding.verifiesChecksums = options.verifiesChecksums
    decoders.append(FrameDecoder(linkType: interface.linkType, options: decoding))
    interfaces.append(SafeText.escape(interface.name))
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    monitor.ingest(octets, frames, decoders: decoders)
  }

  /// The figures at the last packet.
  mutating func snapshot() -> Snapshot {
    monitor.finish()
    var snapshot = monitor.snapshot(at: nil)
    snapshot.time = snapshot.last
    return snapshot
  }

  /// Those that nothing can change any more, since the last call. Only when they are kept.
  mutating func takeEnded() -> [ConnectionView] { monitor.takeEnded() }

  /// The others.
  func forEachTracked(_ body: (ConnectionView) -> Void) { monitor.forEachTracked(body) }

  /// Nothing more comes: what waited for others is decided now.
  mutating func finish() { monitor.finish() }

  func cause(of connection: UInt64) -> CloseCause? { monitor.verdict(of: connection)?.cause }

  /// Nobody will ask for it again.
  mutating func forget(_ connection: ConnectionView) { monitor.forget(connection) }

  func record(_ connection: ConnectionView) -> ConnectionRecord {
    let now = monitor.packetNow ?? Instant(nanoseconds: 0)
    var record = ConnectionRecord(connection, at: now, interfaces: interfaces)
    record.note(monitor.verdict(of: connection))
    if record.interface?.isEmpty == true { record.interface = nil }
    return record
  }
}
