internal import ConnectionTracking
internal import Monitoring
internal import PacketCapture
package import PacketDecoding
package import Settings
internal import StateAccounting

/// What the worker is told, at start and on reload.
package struct WorkerSettings: Sendable {
  package var settings: Settings
  /// From the command line: instead of those of the configuration.
  package var interfaces: [String]
  /// From the command line: instead of those of the configuration.
  package var netns: [String] = []
  /// From the command line: instead of that of the configuration.
  package var listen: Endpoint?
  /// From the command line: beside those of the configuration.
  package var local: [Network]
  package var version: String
  package var host: String

  package init(
    settings: Settings,
    interfaces: [String],
    listen: Endpoint?,
    local: [Network],
    version: String,
    host: String
  ) {
    self.settings = settings
    self.interfaces = interfaces
    self.listen = listen
    self.local = local
    self.version = version
    self.host = host
  }

  /// Takes what can change while the daemon runs.
  mutating func adopt(_ new: WorkerSettings) {
    settings.alerts = new.settings.alerts
    settings.labels = new.settings.labels
    settings.local = new.settings.local
    settings.kernel = new.settings.kernel
  }

  /// Keys of a configuration read again that ask for what cannot change while the daemon runs. What the command line
  /// decides is not asked of the configuration.
  package func keysForRestart(in new: Settings) -> [String] {
    var new = new
    if !interfaces.isEmpty { new.interfaces = settings.interfaces }
    if !netns.isEmpty { new.netns = settings.netns }
    if listen != nil { new.http.listen = settings.http.listen }
    return settings.keysForRestart(in: new)
  }

  /// The networks that are local because somebody said so.
  var configuredLocal: LocalAddresses {
    let networks = (settings.local + local).compactMap { CIDR(address: $0.address, prefixLength: $0.prefixLength) }
    return LocalAddresses(addresses: [], networks: networks)
  }

  var namedInterfaces: [String] { interfaces.isEmpty ? settings.interfaces : interfaces }

  /// Names are of the daemon's own namespace: in others it is each interface that has an address.
  func namedInterfaces(in place: NamespacePlace) -> [String] { place.name == nil ? namedInterfaces : [] }

  var wantedNamespaces: [String] { netns.isEmpty ? settings.netns : netns }

  /// Enough for Ethernet, tags, IPv6 with extension headers and TCP with all its options, within one tunnel.
  private static let headerRoom: UInt32 = 256

  var monitorSettings: MonitorSettings {
    let plan = MemoryPlan(limit: settings.memoryLimit)
    var tracker = TrackerSettings(capacity: plan.connections)
    tracker.idleTransit = Seconds(2 * 3600 + 4 * 60)
    var monitor = MonitorSettings(
      tracker: tracker,
      retention: .within(settings.closedRetention.duration, count: min(settings.closedRetention.count, plan.closed))
    )
    monitor.accounts.services = plan.services
    monitor.accounts.peers = plan.peers
    monitor.awaitedCauses = plan.awaitedCauses
    monitor.segmentLog = plan.segments
    monitor.payloadLimit = settings.capture.snapLength
    monitor.recorderSize = settings.recorder.size
    monitor.recorderSeed = .random(in: 0 ... .max)
    monitor.recordedPayload = settings.recorder.payload
    return monitor
  }

  func captureOptions(number: UInt16) -> LiveCapture.Options {
    var options = LiveCapture.Options()
    options.filter = filter(.full)
    options.isPromiscuous = settings.capture.promiscuous
    options.bufferSize = Int32(clamping: settings.capture.buffer)
    // Figures lag behind the kernel's by as much.
    options.blockTimeout = 10
    options.number = number
    return options
  }

  /// How many a reader brings at once: few enough for the caches between two cores.
  var framesOfParcel: Int { max(8, min(256, (256 << 10) / Int(filter(.full).snapLength))) }

  /// What passes in a tier. No other has as long a snap length as the full one.
  func filter(_ tier: CaptureTier) -> CaptureFilter {
    CaptureFilter(
      tier: tier,
      includesTunnels: settings.capture.decapsulate,
      snapLength: Self.headerRoom + UInt32(clamping: min(payloadLimit(tier), 262_144))
    )
  }

  /// How many octets of payload are looked at.
  func payloadLimit(_ tier: CaptureTier) -> Int { tier == .full ? settings.capture.snapLength : 0 }

  var tierPolicy: CaptureTierPolicy {
    CaptureTierPolicy(configured: settings.capture.tier, isAutomatic: settings.capture.fallBack)
  }

  var decoderOptions: DecoderOptions {
    var options = DecoderOptions()
    options.decapsulates = settings.capture.decapsulate
    return options
  }
}
