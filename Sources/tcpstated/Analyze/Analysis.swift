import Alerting
import CloseDiagnosis
import ConnectionTracking
import Daemon
import Monitoring
import PacketCapture
import PacketDecoding
import Settings
import StateAccounting

/// The engine over capture files: what the daemon does with frames, in packet time.
struct Analysis: FrameSink, ~Copyable {
  struct Options {
    var local: [CIDR] = []
    var verifiesChecksums = false
    /// Single connections are wanted, not just their numbers.
    var keepsConnections = false
    /// Hold these rules against the file; nil: none.
    var alerts: [AlertRule]?
  }

  private var monitor: Monitor
  private let options: Options
  /// By number of the interface.
  private var decoders: [FrameDecoder] = []
  private var interfaces: [String] = []
  private var replay: Replay?
  private let told = AlertLog()

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
    if let rules = options.alerts {
      replay = Replay(settings: Self.replaySettings(rules, options.local)) { [told] in told.add($0) }
    }
  }

  private static func replaySettings(_ rules: [AlertRule], _ local: [CIDR]) -> WorkerSettings {
    var settings = Settings()
    settings.alerts = rules
    let networks = local.compactMap { Network($0.description) }
    return WorkerSettings(
      settings: settings,
      interfaces: [],
      listen: nil,
      local: networks,
      version: TCPStated.version,
      host: ""
    )
  }

  /// What the rules would have said, in the order in which they would have; nil when none were asked.
  mutating func alertEvents() -> [AlertEvent]? {
    guard replay != nil else { return nil }
    replay?.end()
    return told.events
  }

  mutating func declare(_ interface: CaptureInterface) {
    replay?.declare(interface)
    var decoding = DecoderOptions()
    decoding.verifiesChecksums = options.verifiesChecksums
    decoders.append(FrameDecoder(linkType: interface.linkType, options: decoding))
    interfaces.append(SafeText.escape(interface.name))
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    monitor.ingest(octets, frames, decoders: decoders)
    replay?.take(octets, frames)
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
