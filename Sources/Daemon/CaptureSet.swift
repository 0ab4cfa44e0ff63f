internal import Alerting
internal import ConnectionTracking
internal import FlightRecorder
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import PacketDecoding
internal import Settings

/// The open interfaces, and those that should be open: opened again when they come back.
final class CaptureSet {
  /// One interface that is being watched, or was.
  final class Source {
    let place: NamespacePlace
    let name: String
    let number: UInt8
    var capture: LiveCapture?
    var decoder: FrameDecoder?
    /// What handles that were closed have counted.
    var received = 0
    var dropped = 0
    var filter = ""
    /// While more frames wait, how long ago the last one came that was taken; nil if it is not known.
    var behind: Seconds? = .zero
    /// As capture files number it.
    var linkType: UInt16 = 1
    var isCapturing: Bool { capture != nil }

    init(_ place: NamespacePlace, name: String, number: UInt8) {
      self.place = place
      self.name = name
      self.number = number
    }
  }

  private(set) var sources: [Source] = []
  let places: [NamespacePlace]
  private let settings: WorkerSettings
  let logger: Logger
  /// Of all interfaces.
  private(set) var tier: CaptureTier

  init(settings: WorkerSettings, places: [NamespacePlace], logger: Logger) {
    self.places = places
    tier = settings.settings.capture.tier
    self.settings = settings
    self.logger = logger
  }

  /// Names by number, for records.
  var names: [String] { sources.map(\.name) }
  /// The same for people.
  var shownNames: [String] { sources.map { $0.place.shown($0.name) } }
  /// By number.
  var decoders: [FrameDecoder?] { sources.map(\.decoder) }
  /// The same for a capture file.
  var recorded: [RecordedInterface] {
    zip(sources, statuses()).map { source, status in
      RecordedInterface(
        name: SafeText.escape(source.place.shown(source.name)),
        linkType: source.linkType,
        received: UInt64(clamping: status.received),
        dropped: UInt64(clamping: status.dropped)
      )
    }
  }
  var isCapturing: Bool { sources.contains { $0.capture != nil } }

  /// Opens everything that is wanted; at start an interface that was named and cannot be opened is an error.
  func openAll() throws(CaptureError) {
    for place in places {
      for name in interfaces(of: place).wanted { try open(name, in: place) }
    }
  }

  /// Opens what has come, after an interface or an address did, and closes what is gone.
  ///
  /// - Returns: false when not all could be done, and it is to be tried again.
  func refresh(_ place: NamespacePlace) -> Bool {
    let (wanted, interfaces) = interfaces(of: place)
    for name in wanted where !(source(name, in: place)?.isCapturing ?? false) {
      do {
        try open(name, in: place)
        logger.notice("capturing on \(place.shown(name))")
      } catch {
        logger.debug("\(error)")
      }
    }
    guard let interfaces else { return false }
    let present = Set(interfaces.filter(\.isUp).map(\.name))
    for source in sources where source.place === place && source.capture != nil {
      let name = place.shown(source.name)
      if !present.contains(source.name) {
        close(source, because: "interface \(name) is gone or down; capture goes on when it is back")
      } else if !wanted.contains(source.name), CaptureChoice.ports(of: source.name, interfaces) != nil {
        close(source, because: "capturing on the ports of \(name) instead, which show packets as they are on the wire")
      }
    }
    return present.allSatisfy { !wanted.contains($0) || source($0, in: place)?.isCapturing ?? false }
  }

  /// The names of the interfaces to capture from, and all there are unless the kernel does not tell.
  private func interfaces(of place: NamespacePlace) -> (wanted: [String], present: [NetworkInterface]?) {
    let named = settings.namedInterfaces(in: place)
    var result = (wanted: named, present: [NetworkInterface]?.none)
    place.perform {
      guard let present = try? NetworkInterfaces.list() else { return }
      let rewrites = Sysctl().rewritesOnBridges
      result = (CaptureChoice.names(named: named, of: present, rewritesOnBridges: rewrites), present)
    }
    return result
  }

  private func source(_ name: String, in place: NamespacePlace) -> Source? {
    sources.first { $0.name == name && $0.place === place }
  }

  private func open(_ name: String, in place: NamespacePlace) throws(CaptureError) {
    let known = source(name, in: place)
    let source = if let known { known } else { try newSource(name, in: place) }
    let options = settings.captureOptions(number: UInt16(source.number))
    var failure: CaptureError?
    place.perform {
      do throws(CaptureError) {
        var capture = try LiveCapture(interface: name, options: options)
        try capture.setFilter(settings.filter(tier), at: WallClock.now())
        source.decoder = FrameDecoder(linkType: capture.linkType, options: settings.decoderOptions)
        source.filter = capture.filterDescription
        source.linkType = capture.linkType.rawValue
        source.capture = consume capture
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// A number for an interface that was never captured from; when there are no more, that of one that is gone.
  private func newSource(_ name: String, in place: NamespacePlace) throws(CaptureError) -> Source {
    if sources.count < Int(UInt8.max) {
      let source = Source(place, name: name, number: UInt8(sources.count))
      sources.append(source)
      return source
    }
    guard let free = sources.firstIndex(where: { $0.capture == nil }) else {
      throw .interfaceFailed(name, reason: "\(sources.count) interfaces are captured from already")
    }
    let source = Source(place, name: name, number: sources[free].number)
    sources[free] = source
    return source
  }

  /// Changes what passes on all interfaces.
  func setTier(_ tier: CaptureTier) {
    self.tier = tier
    for source in sources where source.capture != nil {
      do {
        try source.capture?.setFilter(settings.filter(tier), at: WallClock.now())
        source.filter = source.capture?.filterDescription ?? source.filter
      } catch {
        close(source, because: "\(error); capture goes on when it is back")
      }
    }
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

  /// Reads what is ready on one interface, at most about `limit` frames, into the monitor.
  func drain(_ source: Source, limit: Int, into monitor: inout Monitor, at now: Instant) {
    source.behind = .zero
    guard let decoder = source.decoder else { return }
    var last: Timestamp?
    do {
      let count = try source.capture?.dispatch(limit: limit) { octets, frames in
        monitor.ingest(octets, frames, interface: source.number, decoder: decoder, at: now)
        if !frames.isEmpty { last = frames[frames.count - 1].info.timestamp }
      }
      if let count, count >= limit { source.behind = last.map { Self.age(of: $0) } }
    } catch {
      close(source, because: "\(error); capture goes on when it is back")
    }
  }

  private static func age(of frame: Timestamp) -> Seconds {
    // The clock may have been set back since.
    max(Seconds(nanoseconds: WallClock.now().nanoseconds &- frame.nanoseconds), .zero)
  }

  /// How far looking lags behind the interfaces of a network namespace, if it is known.
  func behind(in place: NamespacePlace) -> Seconds? {
    var longest = Seconds.zero
    for source in sources where source.place === place && source.isCapturing {
      guard let behind = source.behind else { return nil }
      longest = max(longest, behind)
    }
    return longest
  }

  /// Of all interfaces since start.
  var counts: (received: Int, dropped: Int) {
    statuses().reduce((0, 0)) { ($0.0 + $1.received, $0.1 + $1.dropped) }
  }

  func statuses() -> [InterfaceStatus] {
    sources.map { source in
      let open = source.capture?.statistics()
      var status = InterfaceStatus(
        name: source.name,
        received: source.received + Int(clamping: open?.received ?? 0),
        dropped: source.dropped + Int(clamping: open?.dropped ?? 0),
        filter: source.filter,
        tier: tier.rawValue,
        capturing: source.capture != nil
      )
      status.namespace = source.place.name
      return status
    }
  }
}
