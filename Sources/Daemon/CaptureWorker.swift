internal import AlertDelivery
internal import Alerting
internal import ConnectionTracking
internal import FlightRecorder
internal import History
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import PacketDecoding
internal import Settings

/// The one thread that owns a monitor: it waits for frames, questions and the clock, and does one thing at a time.
struct CaptureWorker: Worker, ~Copyable {
  private var monitor: Monitor
  private var alerts: AlertKeeper
  private var settings: WorkerSettings
  private let captures: CaptureSet
  private let watches: [NamespaceWatch]
  private let mailbox: WorkerMailbox
  private let channel: any AlertChannel
  private let notifier: Notifier?
  private let exports: Exports?
  private var closes: CloseTaker?
  private var recorder: AlertRecorder
  private let watchdog: Watchdog
  private let started = MonotonicClock.now()
  private var nextTick: Instant
  private var listings = PendingListings()
  private var tiers: TierKeeper
  private var poller = Poller()
  private var rest: CaptureRest
  /// When it last began to wait: the engine has been told no later time.
  private var waited: Instant

  private static let tick = Seconds(1)
  /// Seconds that a slow disk may take at the end, for each of what is written.
  private static let lastWrite = Seconds(nanoseconds: 200_000_000)

  init(
    settings: WorkerSettings,
    captures: CaptureSet,
    watches: [NamespaceWatch],
    mailbox: WorkerMailbox,
    channel: any AlertChannel,
    notifier: Notifier?,
    exports: Exports?,
    state: StateFile?,
    directory: CaptureDirectory?
  ) {
    self.settings = settings
    self.captures = captures
    self.watches = watches
    self.mailbox = mailbox
    self.channel = channel
    self.notifier = notifier
    self.exports = exports
    watchdog = Watchdog()
    tiers = TierKeeper(settings: settings)
    monitor = Monitor(settings.monitorSettings)
    tiers.begin(&monitor, at: started)
    alerts = AlertKeeper(settings: settings, file: state, at: MonotonicClock.now(), wallClock: WallClock.now())
    recorder = AlertRecorder(settings: settings, directory: directory)
    nextTick = started + Self.tick
    rest = CaptureRest(ring: settings.settings.capture.buffer, at: started)
    waited = started
    closes = CloseTaker(exports, &monitor)
    monitor.namespaces = watches.map(\.place.name)
    for watch in watches { prepare(watch) }
    monitor.count(agesOf: settings.settings.alerts)
  }

  mutating func leaveOut(_ listeners: OwnListeners) { monitor.ownListeners = listeners }

  mutating func run() {
    captures.startReaders()
    for watch in watches { watch.seed(&monitor) }
    mailbox.history.begin(monitor.snapshot(at: nil))
    while true {
      let questions = wait()
      let now = MonotonicClock.now()
      let take = captures.drain(into: &monitor, since: waited, at: now)
      rest.note(take.frames, isAll: take.isAll, captures.tier, lastHurry: lastHurry, at: now)
      for (number, watch) in watches.enumerated() {
        watch.kernel.advance(&monitor, behind: captures.behind(in: watch.place), at: now)
        if poller.isReady(questions + 1 + number), watch.hasChanged() { refreshInterfaces(of: watch) }
      }
      if now >= nextTick { tick(at: now) }
      if poller.isReady(questions), answer() {
        captures.stopReaders()
        return listings.abandon()
      }
      if !listings.isEmpty {
        listings.advance(with: monitor, at: now, time: WallClock.now(), interfaces: captures.names)
      }
    }
  }

  /// - Returns: the poller's position of the questions; behind it are the namespaces' in their order.
  private mutating func wait() -> Int {
    poller.removeAll()
    let questions = poller.add(mailbox.wakeup.fileDescriptor)
    for watch in watches { _ = poller.add(watch.linkDescriptor) }
    let now = MonotonicClock.now()
    waited = now
    let rest = rest.left(at: now)
    if rest == nil { captures.forEachDescriptor { _ = poller.add($0) } }
    let pause = watches.reduce(min(nextTick - now, rest ?? Self.tick)) { min($0, $1.kernel.pause(at: now)) }
    poller.wait(timeout: listings.isEmpty ? max(pause, .zero) : .zero)
    return questions
  }

  private var lastHurry: Instant? { watches.compactMap(\.kernel.lastHurry).max() }

  private mutating func refreshInterfaces(of watch: NamespaceWatch) {
    let (hasOpened, isComplete) = captures.refresh(watch.place)
    watch.isBehind = !isComplete
    prepare(watch)
    // What passed until now was not seen, and what the ring held when an interface went down is lost.
    if hasOpened { watch.kernel.readSoon() }
  }

  /// What is captured and local in a namespace is known to be its own.
  private mutating func prepare(_ watch: NamespaceWatch) {
    for source in captures.sources where source.place === watch.place {
      monitor.place(interface: source.number, in: watch.place.number)
    }
    let configured = settings.settings.local.compactMap { CIDR(address: $0.address, prefixLength: $0.prefixLength) }
    watch.setLocalAddresses(of: &monitor, configured)
  }

  // MARK: Once a second

  private mutating func tick(at now: Instant) {
    monitor.tick(at: now)
    for watch in watches {
      if watch.isBehind { refreshInterfaces(of: watch) }
      watch.kernel.tick(&monitor)
    }
    nextTick = now + Self.tick
    let time = WallClock.now()
    if tiers.adapt(captures, &monitor, at: now) {
      for watch in watches { watch.kernel.readSoon() }
    }
    let live = liveStatus()
    var snapshot = monitor.snapshot(at: time)
    snapshot.note(live)
    mailbox.history.note(snapshot)
    let kernels = watches.compactMap { $0.kernel.status(at: now) }
    let readings = snapshot.alertReadings(captured: snapshot.captured, dropped: snapshot.dropped, kernels: kernels)
    let events = alerts.evaluate(readings, at: now, wallClock: time) { monitor.examples(of: $0, $1) }
    for event in events {
      channel.deliver(event)
      mailbox.history.note(event.status)
    }
    let statuses = alerts.evaluator.statuses
    notifier?.tell(statuses, at: time)
    closes?.take(from: &monitor, at: now, interfaces: captures.names)
    monitor.ownConnections.forget(at: now)
    record(events, statuses, snapshot, at: now)
    watchdog.isAlive()
  }

  private mutating func record(
    _ events: [AlertEvent],
    _ statuses: [AlertStatus],
    _ snapshot: Snapshot,
    at now: Instant
  ) {
    monitor.recorder.adjust(at: now)
    recorder.prefer(statuses, snapshot, in: &monitor)
    recorder.note(events, rules: settings.settings.alerts, at: now)
    recorder.advance(monitor, captures, at: now) { [mailbox] in _ = mailbox.post(.recorded(alert: $0, path: $1)) }
  }

  // MARK: Questions

  /// Answers what was asked; true when it is time to stop.
  private mutating func answer() -> Bool {
    let (requests, stops) = mailbox.take()
    // What is over by now is not to be told as present.
    if !requests.isEmpty { monitor.tick(at: MonotonicClock.now()) }
    for request in requests {
      switch request {
      case .snapshot:
        var snapshot = monitor.snapshot(at: WallClock.now())
        snapshot.alerts = alerts.evaluator.statuses
        snapshot.overdueTimeWaits = monitor.overdueTimeWaits(at: MonotonicClock.now())
        mailbox.publish(snapshot)
      case .live(let continuation): continuation.resume(returning: liveStatus())
      case .connections(let query, let continuation):
        listings.add(monitor.begin(query), for: continuation)
      case .recorded(let alert, let path): note(capture: path, of: alert)
      case .ownBegins(let connection, let done):
        monitor.ownConnections.begin(connection)
        done()
      case .ownEnds(let connection): monitor.ownConnections.end(connection, at: MonotonicClock.now())
      case .recording(let query, let continuation): continuation.resume(returning: recording(query))
      case .reload(let new):
        settings.adopt(new)
        alerts.reload(new)
        monitor.count(agesOf: settings.settings.alerts)
        for watch in watches {
          watch.kernel.reload(settings)
          prepare(watch)
        }
      }
    }
    if stops {
      // First, for it has to go elsewhere.
      closes?.take(from: &monitor, at: MonotonicClock.now(), interfaces: captures.names, all: true)
      for watch in watches { watch.kernel.stop() }
      mailbox.history.finish(monitor.snapshot(at: WallClock.now()), within: Self.lastWrite.value)
      alerts.finish(within: Self.lastWrite)
    }
    return stops
  }

  private mutating func note(capture path: String, of alert: String) {
    alerts.note(capture: path, of: alert)
    if let status = alerts.evaluator.statuses.first(where: { $0.id == alert }) { mailbox.history.note(status) }
  }

  private func recording(_ query: RecordingQuery) -> [UInt8] {
    let now = WallClock.now()
    var file = PcapngWriter(
      comment: RecordingComment.of(last: query.last, oneIn: monitor.recorder.oneIn),
      application: "tcpstated \(settings.version)",
      interfaces: captures.recorded
    )
    let start = Timestamp(nanoseconds: now.nanoseconds &- query.last.nanoseconds)
    monitor.write(to: &file, since: start, query.filter, decoders: captures.decoders)
    file.finish(at: now)
    return file.bytes
  }

  private func liveStatus() -> LiveStatus {
    var live = LiveStatus(version: settings.version, host: settings.host, uptime: MonotonicClock.now() - started)
    live.workers = settings.settings.capture.workers
    live.ready = captures.isCapturing
    live.interfaces = captures.statuses()
    let now = MonotonicClock.now()
    live.capture = tiers.status(at: now)
    for watch in watches {
      let kernel = watch.kernel.status(at: now)
      if let name = watch.place.name {
        live.namespaces.append(NamespaceStatus(name: name, number: watch.place.number, kernel: kernel))
      } else {
        live.kernel = kernel
      }
    }
    live.history = mailbox.history.status
    live.exports = exports?.statuses ?? []
    live.alertRules = settings.settings.alerts
    live.silences = mailbox.silences.current
    live.deliveries = notifier?.statuses ?? []
    return live
  }
}

/// Tells systemd, if it wants to hear it, that the worker still turns: at each tick, whatever the interval.
struct Watchdog {
  private let notifier = SystemdNotifier()

  func isAlive() {
    if notifier.watchdogInterval != nil { notifier.send(.watchdog) }
  }
}
