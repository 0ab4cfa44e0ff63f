internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding

/// The worker's side of finding out who holds sockets. Without the kernel's help nobody is known.
struct OwnerView {
  private let registry: OwnerRegistry
  private let namespace: UInt8
  private var watch: OwnerWatch?
  private let processes: ProcessWatch?
  private var namesKnown = 0
  private var budget = QuestionBudget(limit: questionsPerSecond)
  /// When a socket was last asked that alone can say whose it is: it has to be asked before it is gone.
  private(set) var lastHurry: Instant?

  /// A question costs some microseconds. Beyond so many, accepted sockets are not asked themselves: they are of their
  /// listener's cgroup, which is known already. Readings of the whole table tell of those that live long.
  private static let questionsPerSecond = 1000

  init(registry: OwnerRegistry, processes: ProcessWatch?, namespace: UInt8, worker: EventFD, logger: Logger) {
    self.registry = registry
    self.processes = processes
    self.namespace = namespace
    guard registry.isUsable else {
      logger.notice("no cgroups of version 2 here: who holds sockets is not known")
      return
    }
    do {
      watch = try OwnerWatch(registry: registry, processes: processes, worker: worker, logger: logger)
    } catch {
      logger.warning("\(error): who holds sockets is not known")
    }
  }

  mutating func start(_ monitor: inout Monitor, logger: Logger) {
    do {
      try watch?.start()
      if watch != nil { monitor.askForOwners(andProcesses: processes != nil) }
    } catch {
      logger.warning("\(error): who holds sockets is not known")
      watch = nil
    }
  }

  func stop() {
    watch?.stop()
    processes?.stop()
  }

  /// Takes what has been found out, and asks for what is new. A server's end has its listener's owner at once.
  mutating func advance(_ monitor: inout Monitor, at now: Instant) {
    guard let watch else { return }
    let ends = monitor.takeUnowned(in: namespace)
    if !ends.isEmpty {
      let listeners = watch.listeners
      var asked: [UnownedEnd] = []
      for end in ends {
        let ownership = end.role == .server ? noteListener(of: end, listeners, &monitor) : .unknown
        let must = processes != nil || ownership.attribution != .listener
        if budget.spend(at: now, must: must) { asked.append(end) }
        if must { lastHurry = now }
      }
      watch.ask(asked)
    }
    for answer in watch.takeAnswers() { monitor.noteOwner(answer.ownership, of: answer.end) }
    for answer in processes?.takeAnswers() ?? [] {
      monitor.noteProcess(pid: answer.process.pid, command: answer.process.command, of: answer.end)
    }
    if registry.count > namesKnown {
      let names = registry.names
      namesKnown = names.count
      monitor.setOwnerNames(names)
    }
  }

  private func noteListener(of end: UnownedEnd, _ listeners: Listeners, _ monitor: inout Monitor) -> Ownership {
    let ownership = listeners.ownership(ofServer: end.name.local, as: end.isOlder ? .late : .listener)
    monitor.noteOwner(ownership, of: end)
    return ownership
  }
}
