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
    /// One for each reader, or the worker's own.
    var captures: [SharedCapture] = []
    var decoder: FrameDecoder?
    /// What handles that were closed have counted.
    var received = 0
    var dropped = 0
    var filter = ""
    /// While more frames wait, how long ago the last one came that was taken; nil if it is not known.
    var behind: Seconds? = .zero
    /// As capture files number it.
    var linkType: UInt16 = 1
    var isCapturing: Bool { !captures.isEmpty }

    init(_ place: NamespacePlace, name: String, number: UInt8) {
      self.place = place
      self.name = name
      self.number = number
    }

    /// Since start.
    var counts: (received: Int, dropped: Int) {
      captures.map { $0.statistics() }.reduce((received, dropped)) {
        ($0.0 + Int(clamping: $1.received), $0.1 + Int(clamping: $1.dropped))
      }
    }
  }

  private(set) var sources: [Source] = []
  let places: [NamespacePlace]
  let settings: WorkerSettings
  let logger: Logger
  /// From the readers; none: the worker reads itself.
  var lanes: [FrameLane] = []
  var readers: [CaptureReader] = []
  /// Tells the worker of what is in the lanes.
  let arrivals: EventFD
  /// Of all interfaces.
  private(set) var tier: CaptureTier

  init(settings: WorkerSettings, places: [NamespacePlace], logger: Logger) throws(SystemError) {
    self.places = places
    arrivals = try EventFD()
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
  var isCapturing: Bool { sources.contains(where: \.isCapturing) }

  /// Opens everything that is wanted; at start an interface that was named and cannot be opened is an error.
  func openAll() throws(CaptureError) {
    for place in places {
      for name in interfaces(of: place).wanted { try open(name, in: place) }
    }
  }

  /// Opens what has come, after an interface or an address did, and closes what is gone.
  ///
  /// - Returns: whether one was opened, of which nothing was seen until now; and false when not all could be done, and it
  ///   is to be tried again.
  func refresh(_ place: NamespacePlace) -> (hasOpened: Bool, isComplete: Bool) {
    let (wanted, interfaces) = interfaces(of: place)
    var hasOpened = false
    for name in wanted where !(source(name, in: place)?.isCapturing ?? false) {
      do {
        try open(name, in: place)
        hasOpened = true
        logger.notice("capturing on \(place.shown(name))")
      } catch {
        logger.debug("\(error)")
      }
    }
    guard let interfaces else { return (hasOpened, isComplete: false) }
    let present = Set(interfaces.filter(\.isUp).map(\.name))
    for source in sources where source.place === place && source.isCapturing {
      let name = place.shown(source.name)
      if !present.contains(source.name) {
        close(source, because: "interface \(name) is gone or down; capture goes on when it is back")
      } else if !wanted.contains(source.name), CaptureChoice.ports(of: source.name, interfaces) != nil {
        close(source, because: "capturing on the ports of \(name) instead, which show packets as they are on the wire")
      }
    }
    let isComplete = present.allSatisfy { !wanted.contains($0) || source($0, in: place)?.isCapturing ?? false }
    return (hasOpened, isComplete)
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
    var failure: CaptureError?
    place.perform {
      do throws(CaptureError) { source.captures = try openHandles(of: source) } catch { failure = error }
    }
    if let failure { throw failure }
    feedReaders()
  }

  private func openHandles(of source: Source) throws(CaptureError) -> [SharedCapture] {
    var options = settings.captureOptions(number: UInt16(source.number))
    var captures: [SharedCapture] = []
    let workers = settings.settings.capture.workers
    for worker in 1...workers {
      if workers > 1, worker == 1 { options.fanout = .newGroup }
      var capture = try LiveCapture(interface: source.name, options: options)
      try capture.setFilter(settings.filter(tier), at: WallClock.now())
      if let group = capture.fanoutGroup { options.fanout = .group(group) }
      source.decoder = FrameDecoder(linkType: capture.linkType, options: settings.decoderOptions)
      source.filter = capture.filterDescription
      source.linkType = capture.linkType.rawValue
      captures.append(SharedCapture(capture))
    }
    // Before the last one came, some had been given to others.
    if workers > 1 { for capture in captures { capture.passOver(before: WallClock.now()) } }
    return captures
  }

  /// A number for an interface that was never captured from; when there are no more, that of one that is gone.
  private func newSource(_ name: String, in place: NamespacePlace) throws(CaptureError) -> Source {
    if sources.count < Int(UInt8.max) {
      let source = Source(place, name: name, number: UInt8(sources.count))
      sources.append(source)
      return source
    }
    guard let free = sources.firstIndex(where: { !$0.isCapturing }) else {
      throw .interfaceFailed(name, reason: "\(sources.count) interfaces are captured from already")
    }
    let source = Source(place, name: name, number: sources[free].number)
    sources[free] = source
    return source
  }

  /// Changes what passes on all interfaces.
  func setTier(_ tier: CaptureTier) {
    self.tier = tier
    for source in sources where source.isCapturing {
      do {
        for capture in source.captures {
          try capture.setFilter(settings.filter(tier), at: WallClock.now())
          source.filter = capture.filterDescription
        }
      } catch {
        close(source, because: "\(error); capture goes on when it is back")
      }
    }
  }

  func close(_ source: Source, because reason: String) {
    (source.received, source.dropped) = source.counts
    source.captures = []
    feedReaders()
    logger.warning("\(reason)")
  }

  /// Frames taken from one interface before the others get their turn, and new sockets are asked for their owners.
  private static let batch = 1024

  /// What was taken at once.
  struct Take {
    /// Frames; of readers they are not counted.
    var frames = 0
    /// The rings are empty.
    var isAll = true
  }

  /// Takes what is ready, of each interface a bounded part, into the monitor.
  ///
  /// - Parameter earliest: no frame is taken to have come before.
  func drain(into monitor: inout Monitor, since earliest: Instant, at now: Instant) -> Take {
    var take = Take()
    guard lanes.isEmpty else {
      drainReaders(into: &monitor, at: now)
      return take
    }
    var clock = ArrivalClock(since: earliest, at: now, wallClock: WallClock.now())
    for source in sources where source.isCapturing { drain(source, &clock, into: &monitor, &take) }
    return take
  }

  private func drain(_ source: Source, _ clock: inout ArrivalClock, into monitor: inout Monitor, _ take: inout Take) {
    source.behind = .zero
    guard let decoder = source.decoder else { return }
    var last: Timestamp?
    do {
      let count = try source.captures.first?.dispatch(limit: Self.batch) { octets, frames in
        guard !frames.isEmpty else { return }
        let captured = frames[frames.count - 1].info.timestamp
        let moment = clock.moment(of: captured)
        monitor.ingest(octets, frames, interface: source.number, decoder: decoder, at: moment)
        last = captured
      }
      take.frames += count ?? 0
      guard let count, count >= Self.batch else { return }
      take.isAll = false
      source.behind = last.map { Self.age(of: $0) }
    } catch {
      close(source, because: "\(error); capture goes on when it is back")
    }
  }

  static func age(of frame: Timestamp) -> Seconds {
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
      let counts = source.counts
      var status = InterfaceStatus(
        name: source.name,
        received: counts.received,
        dropped: counts.dropped,
        filter: source.filter,
        tier: tier.rawValue,
        capturing: source.isCapturing
      )
      status.namespace = source.place.name
      return status
    }
  }
}
