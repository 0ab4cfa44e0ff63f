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

  /// How the engine is set for a file.
  static func settings(_ options: Options) -> MonitorSettings {
    let retention = options.keepsConnections ? ClosedRetention.all : .within(.zero, count: 0)
    var settings = MonitorSettings(forFilesWith: retention)
    settings.tracker.localAddresses = LocalAddresses(addresses: [], networks: options.local)
    return settings
  }

  init(_ options: Options) {
    self.options = options
    monitor = Monitor(Self.settings(options))
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
}

extension Analysis: AnalysisEngine {
  mutating func haveRead(_ fraction: Double) { monitor.haveRead(fraction) }

  mutating func snapshot() -> Snapshot {
    monitor.finish()
    var snapshot = monitor.snapshot(at: nil)
    snapshot.time = snapshot.last
    return snapshot
  }

  mutating func takeEnded() -> [ShardMerger.Ended] {
    monitor.takeEnded().map { ShardMerger.Ended(connection: $0, cause: monitor.verdict(of: $0)) }
  }

  func forEachTracked(_ body: (ConnectionView) -> Void) { monitor.forEachTracked(body) }

  mutating func finish() { monitor.finish() }

  mutating func forget(_ connection: ConnectionView) { monitor.forget(connection) }

  func verdict(of serial: UInt64) -> CauseVerdict? { monitor.verdict(of: serial) }

  func record(_ connection: ConnectionView, _ verdict: CauseVerdict?) -> ConnectionRecord {
    Self.record(connection, verdict, at: monitor.packetNow, interfaces)
  }

  static func record(
    _ connection: ConnectionView,
    _ verdict: CauseVerdict?,
    at now: Instant?,
    _ interfaces: [String]
  ) -> ConnectionRecord {
    var record = ConnectionRecord(connection, at: now ?? Instant(nanoseconds: 0), interfaces: interfaces)
    record.note(verdict)
    if record.interface?.isEmpty == true { record.interface = nil }
    return record
  }
}
