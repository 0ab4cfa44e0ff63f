internal import AlertDelivery
internal import Glibc
internal import History
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import Settings
internal import StatusServer
internal import Synchronization

/// The daemon from start to end.
package struct Daemon: Sendable {
  private let worker: WorkerSettings
  private let source: PacketSource
  private let configuration: String?
  private let logger: Logger
  private let stream: LogStream

  /// With one interface about half of them are in use; the rest is for readers.
  private static let leastFiles = 64

  package init(worker: WorkerSettings, source: PacketSource, configuration: String?) {
    self.worker = worker
    self.source = source
    self.configuration = configuration
    let stream = LogStream.standardError
    let log = worker.settings.log
    let writer = LineWriter(descriptor: stream.descriptor)
    self.stream = stream
    logger = Logger(label: "tcpstated") { _ in
      StreamLogHandler(
        stream: stream,
        writer: writer,
        level: Logger.Level(rawValue: log.level.rawValue) ?? .info,
        format: LogFormat(rawValue: log.format.rawValue) ?? .text
      )
    }
  }

  /// Watches and answers until SIGTERM or SIGINT. Call it on the only thread there is: privileges are dropped before
  /// others begin.
  ///
  /// - Throws: what kept it from starting, as one line.
  package func run() throws {
    // Without CAP_SYS_NICE libdispatch complains on standard error that its threads keep their nice values.
    unsafe setenv("LIBDISPATCH_LOG", "NO", 0)
    try OpenFiles.checkRoom(for: Self.leastFiles)
    switch source {
    case .interfaces:
      // Before anything in it is read, or put aside.
      let lock = try stateDirectory.flatMap { try StateLock(directory: $0) }
      defer { withExtendedLifetime(lock) {} }
      let mailbox = try WorkerMailbox(history: history, silences: SilenceKeeper(file: stateFile("silences")))
      Signals.block()
      let places = try NamespacePlace.open(worker.wantedNamespaces)
      let captures = try CaptureSet(settings: worker, places: places, logger: logger)
      try captures.openAll()
      try captures.prepareReaders()
      // Control groups are the host's, whatever the network namespace: an owner has one number.
      let owners = OwnerRegistry()
      let processes = try watchProcesses(worker: mailbox.wakeup)
      let watches = try places.map { place in
        try NamespaceWatch(
          place,
          settings: worker,
          owners: owners,
          processes: processes,
          worker: mailbox.wakeup,
          logger: logger
        )
      }
      try Privileges.restrict()
      // Each interface has taken some.
      try OpenFiles.checkRoom(for: Self.leastFiles / 2)
      let channel = LocalAlerts.channel(logger: logger, stream: stream)
      let state = worker.settings.delivery.isOn ? stateFile("deliveries") : nil
      let notifier = try Delivery.notifier(worker, state: state, mailbox: mailbox, logger: logger)
      let exports = try Exports(worker, mailbox: mailbox, logger: logger)
      let watched = captures.names.isEmpty ? "nothing yet" : captures.shownNames.joined(separator: ", ")
      if captures.names.isEmpty {
        logger.warning("no interface is up and has an address: waiting for one to come up")
      }
      let capture = CaptureWorker(
        settings: worker,
        captures: captures,
        watches: watches,
        mailbox: mailbox,
        channel: channel,
        notifier: notifier,
        exports: exports,
        state: stateFile("alerts"),
        directory: captureDirectory
      )
      try serve(mailbox, watching: watched, notifier, exports, state, with: capture)
    case .files(let paths, let options):
      // A file is no run of the daemon that another one would go on from.
      let mailbox = try WorkerMailbox(history: history, silences: SilenceKeeper(file: nil))
      let timeline: Timeline
      do { timeline = try Timeline(paths: paths) } catch { throw StartFailure(description: error.message) }
      // Not before: a pipe that nobody writes to waits, and must be left by a signal.
      Signals.block()
      try Privileges.restrict()
      let channel = options.delivers ? LocalAlerts.channel(logger: logger, stream: stream) : nil
      let notifier =
        options.delivers ? try Delivery.notifier(worker, state: nil, mailbox: mailbox, logger: logger) : nil
      let exports = options.delivers ? try Exports(worker, mailbox: mailbox, logger: logger) : nil
      let names = timeline.names.joined(separator: ", ")
      let replay = ReplayWorker(
        timeline: timeline,
        settings: worker,
        stopsClock: options.stopsClock,
        mailbox: mailbox,
        channel: channel,
        notifier: notifier,
        exports: exports,
        logger: logger
      )
      try serve(mailbox, watching: names, notifier, exports, nil, with: replay)
    }
    logger.notice("stopped")
  }

  /// Nil when nobody wants to know, or nobody may. What may be known without rights, of the own user's processes alone,
  /// would be taken for the whole.
  private func watchProcesses(worker wakeup: EventFD) throws -> ProcessWatch? {
    guard worker.settings.kernel.processes else { return nil }
    guard Privileges.mayWatchProcesses else {
      logger.warning(
        "kernel.processes needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: which processes hold sockets is not known"
      )
      return nil
    }
    return try ProcessWatch(worker: wakeup)
  }

  private var stateDirectory: String? { StateFile.directory(configured: worker.settings.stateDirectory) }

  /// What is kept across restarts, by what it is of; nil when there is no place for it.
  private func stateFile(_ name: String) -> StateFile? {
    stateDirectory.map { StateFile(path: "\($0)/\(name).json", logger: logger) }
  }

  /// What is kept of the past: of interfaces in a file, where there is a place for one.
  private var history: HistoryRecorder {
    let wanted = worker.settings.history
    var path: String?
    if case .interfaces = source, wanted.size > 0 {
      path = stateDirectory.map { $0 + "/history.sqlite" }
    }
    let limits = path == nil ? .inMemory : HistoryLimits(age: wanted.duration, size: wanted.size)
    let isReplay = if case .files = source { true } else { false }
    let store = HistoryStore(path: path, limits: limits, logger: logger)
    return HistoryRecorder(store: store, isReplay: isReplay)
  }

  /// Where capture files of alerts go, beside the state.
  private var captureDirectory: CaptureDirectory? {
    let recorder = worker.settings.recorder
    return stateDirectory.map {
      CaptureDirectory(path: $0 + "/captures", count: recorder.files, size: recorder.filesSize, logger: logger)
    }
  }

  /// Opens the listeners, starts the worker, and ends both when it is time.
  private func serve(
    _ mailbox: WorkerMailbox,
    watching: String,
    _ notifier: Notifier?,
    _ exports: Exports?,
    _ deliveries: StateFile?,
    with capture: consuming some Worker & ~Copyable
  ) throws {
    // Not before: threads keep the privileges they begin with.
    mailbox.history.start()
    let http = worker.settings.http
    let server = try StatusServer(
      source: mailbox,
      listen: worker.listen ?? http.listen,
      socket: http.socket,
      allowedHosts: http.allowedHosts,
      metricsListen: http.metricsListen
    ).start()
    logger.notice("watching \(watching); answering on \(server.addresses.map(\.url).joined(separator: ", "))")
    capture.leaveOut(OwnListeners(server.addresses.compactMap(\.endpoint)))
    let thread = WorkerThread(capture, name: "capture")
    notifier?.start()
    let systemd = SystemdNotifier()
    systemd.send(.ready, .status("watching \(watching)"))
    let failure = waitForOrders(mailbox, server, exports)
    systemd.send(.stopping)
    let farewell = Farewell()
    exports?.finishMetrics()
    mailbox.stop()
    server.stop()
    if !thread.join(seconds: Farewell.worker) { logger.warning("the worker did not stop in time") }
    notifier?.stop()
    mailbox.silences.finish(within: farewell.rest)
    exports?.finish(within: farewell.rest)
    notifier?.waitForEnd(within: farewell.rest)
    deliveries?.finish(within: farewell.rest)
    if let failure { throw failure }
  }

  /// Waits for signals, and for the server to fail.
  private func waitForOrders(_ mailbox: WorkerMailbox, _ server: RunningServer, _ exports: Exports?) -> (any Error)? {
    server.whenFailed { Signals.wake() }
    while true {
      switch Signals.next() {
      case .stop: return nil
      case .reload:
        exports?.reopenFiles()
        reload(mailbox)
      case nil:
        if let failure = server.failure { return failure }
      }
    }
  }

  private func reload(_ mailbox: WorkerMailbox) {
    guard let configuration else {
      logger.notice("nothing to read again: the daemon was started without a configuration file")
      return
    }
    do {
      var settings = worker
      settings.settings = try Settings.load(path: configuration)
      _ = mailbox.post(.reload(settings))
      logger.notice("read \(configuration) again: alerts, labels, local and kernel are in force")
      let waiting = worker.keysForRestart(in: settings.settings)
      if !waiting.isEmpty {
        logger.warning("changed, but in force only after a restart: \(waiting.joined(separator: ", "))")
      }
    } catch {
      logger.error("keeping the running configuration: \(error)")
    }
  }
}

/// Where packets come from.
package enum PacketSource: Sendable {
  case interfaces
  case files([String], ReplayOptions)
}

/// How capture files are replayed.
package struct ReplayOptions: Sendable {
  /// After the last packet time stops; otherwise it goes on.
  package var stopsClock: Bool
  /// Alerts go where they would go live.
  package var delivers: Bool

  package init(stopsClock: Bool, delivers: Bool) {
    self.stopsClock = stopsClock
    self.delivers = delivers
  }
}

struct StartFailure: Error, CustomStringConvertible {
  let description: String
}
