internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import PacketDecoding

/// The open interfaces, and those that should be open: opened again when they come back.
final class CaptureSet {
  /// One interface that is being watched, or was.
  final class Source {
    let name: String
    let number: UInt8
    var capture: LiveCapture?
    var decoder: FrameDecoder?
    /// What handles that were closed have counted.
    var received = 0
    var dropped = 0
    var filter = ""

    init(name: String, number: UInt8) {
      self.name = name
      self.number = number
    }
  }

  private(set) var sources: [Source] = []
  private let settings: WorkerSettings
  let logger: Logger

  init(settings: WorkerSettings, logger: Logger) {
    self.settings = settings
    self.logger = logger
  }

  /// Names by number, for records.
  var names: [String] { sources.map(\.name) }
  var isCapturing: Bool { sources.contains { $0.capture != nil } }

  /// Opens everything that is wanted; at start an interface that was named and cannot be opened is an error.
  func openAll() throws(CaptureError) {
    for name in wantedNames() { try open(name) }
  }

  /// Opens what has come, after an interface or an address did.
  func refresh() {
    let wanted = wantedNames()
    for name in wanted where !sources.contains(where: { $0.name == name && $0.capture != nil }) {
      do {
        try open(name)
        logger.notice("capturing on \(name)")
      } catch {
        logger.debug("\(error)")
      }
    }
    guard let interfaces = try? NetworkInterfaces.list() else { return }
    let present = Set(interfaces.filter(\.isUp).map(\.name))
    for source in sources where source.capture != nil && !present.contains(source.name) {
      close(source, because: "interface \(source.name) is gone or down; capture goes on when it is back")
    }
    for source in sources where source.capture != nil && isReplaced(source, by: wanted, of: interfaces) {
      close(source, because: "capturing on the ports of \(source.name) instead, which netfilter does not rewrite")
    }
  }

  private func wantedNames() -> [String] {
    let named = settings.namedInterfaces
    guard let interfaces = try? NetworkInterfaces.list() else { return named }
    return CaptureChoice.names(named: named, of: interfaces, rewritesOnBridges: Sysctl().rewritesOnBridges)
  }

  private func isReplaced(_ source: Source, by wanted: [String], of interfaces: [NetworkInterface]) -> Bool {
    !wanted.contains(source.name)
      && CaptureChoice.ports(of: source.name, interfaces)?.contains { wanted.contains($0) } ?? false
  }

  private func open(_ name: String) throws(CaptureError) {
    let source: Source
    if let known = sources.first(where: { $0.name == name }) {
      source = known
    } else {
      source = try newSource(name)
    }
    let capture = try LiveCapture(interface: name, options: settings.captureOptions(number: UInt16(source.number)))
    source.decoder = FrameDecoder(linkType: capture.linkType, options: settings.decoderOptions)
    source.filter = capture.filterDescription
    source.capture = consume capture
  }

  /// A number for an interface that was never captured from; when there are no more, that of one that is gone.
  private func newSource(_ name: String) throws(CaptureError) -> Source {
    if sources.count < Int(UInt8.max) {
      let source = Source(name: name, number: UInt8(sources.count))
      sources.append(source)
      return source
    }
    guard let place = sources.firstIndex(where: { $0.capture == nil }) else {
      throw .interfaceFailed(name, reason: "\(sources.count) interfaces are captured from already")
    }
    let source = Source(name: name, number: sources[place].number)
    sources[place] = source
    return source
  }

  private func close(_ source: Source, because reason: String) {
    count(source)
    source.capture = nil
    logger.warning("\(reason)")
  }

  private func count(_ source: Source) {
    guard let statistics = source.capture?.statistics() else { return }
    source.received += Int(clamping: statistics.received)
    source.dropped += Int(clamping: statistics.dropped)
  }

  /// Reads what is ready on one interface, into the monitor.
  /// - Returns: how many frames there were; fewer than `limit` when nothing is left.
  func drain(_ source: Source, limit: Int, into monitor: inout Monitor, at now: Instant) -> Int {
    guard let decoder = source.decoder else { return 0 }
    do {
      return try source.capture?.dispatch(limit: limit) { frame, info in
        monitor.ingest(
          frame,
          wireLength: info.wireLength,
          captured: info.timestamp,
          interface: source.number,
          decoder: decoder,
          at: now
        )
      } ?? 0
    } catch {
      close(source, because: "\(error); capture goes on when it is back")
      return 0
    }
  }

  func statuses() -> [InterfaceStatus] {
    sources.map { source in
      let open = source.capture?.statistics()
      return InterfaceStatus(
        name: source.name,
        received: source.received + Int(clamping: open?.received ?? 0),
        dropped: source.dropped + Int(clamping: open?.dropped ?? 0),
        filter: source.filter,
        tier: "full",
        capturing: source.capture != nil
      )
    }
  }
}
