internal import AlertDelivery
internal import Alerting
internal import ConnectionTracking
internal import Glibc
internal import History
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import PacketDecoding
internal import Settings

/// Reads capture files in the place of interfaces, and answers questions about them until it is told to stop.
struct ReplayWorker: Worker, ~Copyable {
  private var timeline: Timeline
  private var replay: Replay
  private var settings: WorkerSettings
  private let exports: Exports?
  private var closes: CloseTaker?
  private let stopsClock: Bool
  private let mailbox: WorkerMailbox
  private let notifier: Notifier?
  private let logger: Logger
  private let started = MonotonicClock.now()
  /// When the last packet had been read.
  private var ended: Instant?
  private var listings = PendingListings()

  private static let pause: Int32 = 200

  /// - Parameters:
  ///   - stopsClock: after the last packet it stays that moment; otherwise time goes on from there.
  ///   - channel: where alerts go, and `notifier` to which servers; nil: nowhere but to those who ask.
  init(
    timeline: Timeline,
    settings: WorkerSettings,
    stopsClock: Bool,
    mailbox: WorkerMailbox,
    channel: (any AlertChannel)?,
    notifier: Notifier?,
    exports: Exports?,
    logger: Logger
  ) {
    self.timeline = timeline
    self.settings = settings
    self.stopsClock = stopsClock
    self.mailbox = mailbox
    self.logger = logger
    self.exports = exports
    self.notifier = notifier
    // In a file hours pass in a moment: each turn is told on its own.
    var firing: [String: AlertStatus] = [:]
    replay = Replay(settings: settings, remember: { mailbox.history.note($0) }) { event in
      channel?.deliver(event)
      let alert = event.status
      mailbox.history.note(alert)
      firing[alert.id] = alert
      notifier?.tellAtOnce(Array(firing.values), at: WallClock.now())
      if alert.state == .resolved { firing[alert.id] = nil }
    }
    closes = CloseTaker(exports, &replay.monitor)
  }

  /// A file has nothing of this daemon's.
  func leaveOut(_ listeners: OwnListeners) {}

  mutating func run() {
    while true {
      if ended == nil { read() } else { wait() }
      if ended != nil { replay.advance(to: now) }
      tell()
      takeCloses()
      if answer() { return listings.abandon() }
      if !listings.isEmpty { advanceListings() }
    }
  }

  private mutating func takeCloses(all: Bool = false) {
    guard closes != nil, let now = replay.monitor.packetNow.map({ max($0, self.now) }) else { return }
    closes?.take(from: &replay.monitor, at: now, interfaces: replay.interfaces.map(\.name), all: all)
  }

  /// One batch.
  private mutating func read() {
    do {
      if try timeline.readBatch(into: &replay) { return }
      logger.notice("read \(timeline.packets) packets of \(timeline.names.joined(separator: ", "))")
    } catch {
      logger.error("\(error.message)")
    }
    replay.end()
    for sentence in timeline.damage + timeline.remarks { logger.warning("\(sentence)") }
    ended = MonotonicClock.now()
  }

  private func wait() {
    var descriptor = pollfd(fd: mailbox.wakeup.fileDescriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&descriptor, 1, listings.isEmpty ? Self.pause : 0)
  }

  /// Servers are told again, as time goes on.
  private func tell() {
    notifier?.tell(replay.evaluator.statuses, at: WallClock.now())
  }

  private mutating func advanceListings() {
    let now = now
    let names = replay.interfaces.map(\.name)
    listings.advance(with: replay.monitor, at: now, time: time, interfaces: names)
  }

  /// What is told; before the first packet there is no time.
  private var time: Timestamp? {
    replay.monitor.packetNow == nil ? nil : Timestamp(nanoseconds: now.nanoseconds)
  }

  /// Packet time, and after the last packet as much more as has passed since.
  private var now: Instant {
    let last = replay.monitor.packetNow ?? Instant(nanoseconds: 0)
    guard let ended, !stopsClock else { return last }
    return last + (MonotonicClock.now() - ended)
  }

  // MARK: Questions

  /// Answers what was asked; true when it is time to stop.
  private mutating func answer() -> Bool {
    let (requests, stops) = mailbox.take()
    for request in requests {
      switch request {
      case .snapshot:
        var snapshot = replay.monitor.snapshot(at: time)
        snapshot.alerts = replay.evaluator.statuses
        mailbox.publish(snapshot)
      case .live(let continuation): continuation.resume(returning: liveStatus())
      case .connections(let query, let continuation):
        listings.add(replay.monitor.begin(query), for: continuation)
      case .recorded, .ownEnds: break
      case .ownBegins(_, let done): done()
      case .recording(_, let continuation): continuation.resume(returning: nil)
      case .reload(let new):
        settings.adopt(new)
        replay.reload(settings)
      }
    }
    if stops { takeCloses(all: true) }
    return stops
  }

  private func liveStatus() -> LiveStatus {
    var live = LiveStatus(version: settings.version, host: settings.host, uptime: MonotonicClock.now() - started)
    live.ready = ended != nil
    live.interfaces = replay.interfaces
    live.history = mailbox.history.status
    live.exports = exports?.statuses ?? []
    live.alertRules = settings.settings.alerts
    live.silences = mailbox.silences.current
    live.deliveries = notifier?.statuses ?? []
    return live
  }
}
