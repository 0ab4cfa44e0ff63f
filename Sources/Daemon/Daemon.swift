internal import AlertDelivery
internal import Foundation
internal import KernelSockets
internal import Logging
internal import Settings
internal import StatusServer
internal import Synchronization

/// The daemon from start to end.
package struct Daemon: Sendable {
  private let worker: WorkerSettings
  private let configuration: String?
  private let logger: Logger
  private let stream: LogStream

  package init(worker: WorkerSettings, configuration: String?) {
    self.worker = worker
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

  /// Captures and answers until SIGTERM or SIGINT. Call it on the only thread there is: privileges are dropped before
  /// others begin.
  ///
  /// - Throws: what kept it from starting, as one line.
  package func run() throws {
    Signals.block()
    let captures = CaptureSet(settings: worker, logger: logger)
    try captures.openAll()
    let links = try LinkEvents()
    let mailbox = try WorkerMailbox()
    try Privileges.restrict()
    let channel = LocalAlerts.channel(logger: logger, stream: stream)
    let server = StatusServer(
      source: mailbox,
      listen: worker.settings.http.listen,
      socket: worker.settings.http.socket,
      allowedHosts: worker.settings.http.allowedHosts,
      metricsListen: worker.settings.http.metricsListen
    )
    let running = try server.start()
    let addresses = running.addresses.map(\.url).joined(separator: ", ")
    logger.notice("watching \(captures.names.joined(separator: ", ")); answering on \(addresses)")
    start(captures, links, mailbox, channel, ownPorts: Set(running.addresses.compactMap(\.port)))
    let notifier = SystemdNotifier()
    notifier.send(.ready, .status("watching \(captures.names.joined(separator: ", "))"))
    let failure = serve(mailbox, running)
    notifier.send(.stopping)
    mailbox.stop()
    running.stop()
    if let failure { throw failure }
    logger.notice("stopped")
  }

  private func start(
    _ captures: CaptureSet,
    _ links: consuming LinkEvents,
    _ mailbox: WorkerMailbox,
    _ channel: any AlertChannel,
    ownPorts: Set<UInt16>
  ) {
    var worker = worker
    worker.ownPorts = ownPorts
    let seed = WorkerSeed(
      CaptureWorker(settings: worker, captures: captures, links: links, mailbox: mailbox, channel: channel)
    )
    let thread = Thread { seed.run() }
    thread.name = "capture"
    thread.start()
  }

  /// Waits for signals, and for the server to fail.
  private func serve(_ mailbox: WorkerMailbox, _ server: RunningServer) -> (any Error)? {
    while true {
      switch Signals.next(timeout: 0.25) {
      case .stop: return nil
      case .reload: reload(mailbox)
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
      logger.notice("read \(configuration) again: alerts, labels and local networks are in force")
    } catch {
      logger.error("keeping the running configuration: \(error)")
    }
  }
}

/// Hands a worker to its thread, once.
private final class WorkerSeed: @unchecked Sendable {
  private var worker: CaptureWorker

  init(_ worker: consuming CaptureWorker) {
    self.worker = worker
  }

  func run() { worker.run() }
}
