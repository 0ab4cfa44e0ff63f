internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding

/// What the worker knows of the kernel, and when it may be held against the packets. Without the kernel's help (a
/// kernel without sock_diag) it does nothing.
struct KernelView {
  private var reconciler: Reconciler?
  private var owners: OwnerView
  private let logger: Logger
  private let namespace: UInt8
  /// All packets up to then have been taken.
  private var taken = Instant(nanoseconds: 0)
  private var countersAtStart: [String: Int] = [:]
  /// As they are told, from when they last changed.
  private var counters = NetworkCounters()
  private var counted: [KernelCounter] = []
  private var increases: [String: Int] = [:]

  /// The kernel holds a frame back for as long as a block of the ring may take to fill, and a little.
  private static let packetDelay = Seconds(nanoseconds: 100_000_000)
  private static let idle = Seconds(3600)

  init(
    settings: WorkerSettings,
    place: NamespacePlace,
    owners: OwnerRegistry,
    processes: ProcessWatch?,
    worker: EventFD,
    logger: Logger
  ) {
    self.logger = logger
    namespace = place.number
    self.owners = OwnerView(
      registry: owners,
      processes: processes,
      namespace: namespace,
      worker: worker,
      logger: logger
    )
    do {
      let watch = try KernelWatch(settings: settings, place: place, owners: owners, worker: worker, logger: logger)
      reconciler = Reconciler(watch)
    } catch {
      logger.warning("\(error): the kernel's socket table is not read")
    }
  }

  /// Connections from before the start are known from here on.
  mutating func seed(_ monitor: inout Monitor) {
    owners.start(&monitor, logger: logger)
    do {
      try reconciler?.seed(&monitor)
      let known = reconciler?.facts.counters.known ?? []
      countersAtStart = Dictionary(known.map { ($0.name, $0.value) }) { first, _ in first }
      noteCounters()
      applyRules(to: &monitor)
    } catch {
      logger.warning("\(error): connections from before the start are not known, and the kernel is not compared")
      reconciler = nil
    }
  }

  /// How long the worker may sleep.
  func pause(at now: Instant) -> Seconds {
    reconciler?.pause(at: now, delay: Self.packetDelay) ?? Self.idle
  }

  /// When a socket was last asked whose it is, and had to be before it was gone.
  var lastHurry: Instant? { owners.lastHurry }

  /// - Parameter behind: for at most so long packets wait that were not taken yet; nil if it is not known.
  mutating func advance(_ monitor: inout Monitor, behind: Seconds?, at now: Instant) {
    if let behind {
      taken = max(taken, Instant(nanoseconds: now.nanoseconds &- Self.packetDelay.nanoseconds &- behind.nanoseconds))
    }
    reconciler?.takeTimer(&monitor, at: now)
    reconciler?.advance(&monitor, taken: taken, at: now)
    owners.advance(&monitor, at: now)
  }

  mutating func tick(_ monitor: inout Monitor) {
    noteCounters()
    applyRules(to: &monitor)
    reconciler?.askForHalfClosed(&monitor)
    reconciler?.askForUnconfirmed(&monitor)
  }

  private mutating func noteCounters() {
    guard let now = reconciler?.facts.counters, now != counters else { return }
    counters = now
    counted = now.known.map { KernelCounter(name: $0.name, value: $0.value) }
    for (name, value) in now.known { increases[name] = value - (countersAtStart[name] ?? value) }
  }

  private func applyRules(to monitor: inout Monitor) {
    guard let facts = reconciler?.facts else { return }
    monitor.setRules(of: namespace) { rules in
      rules.protectsTimeWait = facts.settings.rfc1337 ?? false
      rules.forwards = facts.forwards
      rules.ephemeralPorts = facts.settings.ephemeralPorts
      rules.listeners = facts.listeners
    }
  }

  func reload(_ settings: WorkerSettings) { reconciler?.reload(settings) }
  func readSoon() { reconciler?.readSoon() }
  func stop() {
    reconciler?.stop()
    owners.stop()
  }

  func status(at now: Instant) -> KernelStatus? {
    guard let reconciler, let last = reconciler.last else { return nil }
    var status = KernelStatus(timeWait: last.tally.timeWait, drift: last.tally.drift, age: now - last.began)
    let facts = reconciler.facts
    status.settings = facts.settings
    status.counters = counted
    status.increases = increases
    status.adopted = reconciler.totals.adopted
    status.corrected = reconciler.totals.corrected
    status.closed = reconciler.totals.closed
    return status
  }
}
