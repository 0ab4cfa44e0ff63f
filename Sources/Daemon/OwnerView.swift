internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring

/// The worker's side of finding out who holds sockets. Without the kernel's help nobody is known.
struct OwnerView {
  private let registry: OwnerRegistry
  private let namespace: UInt8
  private var watch: OwnerWatch?
  private let processes: ProcessWatch?
  private var namesKnown = 0

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
  mutating func advance(_ monitor: inout Monitor) {
    guard let watch else { return }
    let ends = monitor.takeUnowned(in: namespace)
    if !ends.isEmpty {
      let listeners = watch.listeners
      for end in ends where end.role == .server {
        let attribution = end.isOlder ? Attribution.late : .listener
        monitor.noteOwner(listeners.ownership(ofServer: end.name.local, as: attribution), of: end)
      }
      watch.ask(ends)
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
}
