internal import Alerting
internal import FlowExport
internal import Foundation
internal import HTTPPosting
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding
internal import RemoteWrite
internal import Settings

/// What leaves the host on its own: closed connections, and metrics. On threads of their own.
struct Exports: Sendable {
  private let flows: FlowExporter?
  private let metrics: RemoteWriter?

  /// systemd waits 10 s for the end of a service.
  private static let lastSpan = Seconds(3)

  /// Nil when nothing is to leave.
  ///
  /// - Throws: what keeps it from starting, as one line.
  init?(_ worker: WorkerSettings, mailbox: WorkerMailbox, logger: Logger) throws {
    let settings = worker.settings.export
    let own = mailbox.ownTraffic
    let outputs = settings.lines.map(FlowOutput.init) + settings.collectors.map { FlowOutput($0, own) }
    guard !outputs.isEmpty || !settings.remoteWrites.isEmpty else { return nil }
    flows = outputs.isEmpty ? nil : FlowExporter(outputs, logger: logger)
    let targets = settings.remoteWrites.map { RemoteWriteTarget($0, host: worker.host) }
    metrics = targets.isEmpty ? nil : try RemoteWriter(targets, source: mailbox, own, logger: logger)
  }

  var wantsConnections: Bool { flows != nil }

  /// Closed connections, without waiting for who takes them.
  func offer(_ connections: [ClosedConnection], lost: Int, interfaces: [String]) {
    flows?.offer(FlowBatch(connections, interfaces: interfaces), lost: lost)
  }

  func reopenFiles() { flows?.reopen() }

  var statuses: [ExportStatus] { (flows?.statuses ?? []) + (metrics?.statuses ?? []) }

  /// While the worker still answers: the last metrics.
  func finishMetrics() { metrics?.finish(within: Self.lastSpan) }

  /// When the worker has given its last connections.
  func finishConnections() { flows?.finish(within: Self.lastSpan) }
}

/// Takes closed connections from a monitor.
struct CloseTaker {
  private let exports: Exports
  private var lost = 0

  init?(_ exports: Exports?, _ monitor: inout Monitor) {
    guard let exports, exports.wantsConnections else { return nil }
    self.exports = exports
    monitor.awaitCloses()
  }

  /// - Parameter all: nothing more will come.
  mutating func take(from monitor: inout Monitor, at now: Instant, interfaces: [String], all: Bool = false) {
    let connections = monitor.takeClosed(at: now, all: all)
    exports.offer(connections, lost: monitor.lostCloses - lost, interfaces: interfaces)
    lost = monitor.lostCloses
  }
}

extension FlowOutput {
  init(_ lines: Settings.Lines) {
    switch lines.destination {
    case .file(let path, let size, let kept):
      self = .file(path, maximumSize: size, kept: kept, filter: lines.filter, queue: lines.queue)
    case .standardOutput: self = .standardOutput(filter: lines.filter, queue: lines.queue)
    case .socket(let path, let isDatagram):
      self = .socket(path, isDatagram: isDatagram, filter: lines.filter, queue: lines.queue)
    }
  }

  init(_ collector: Settings.Collector, _ own: OwnTraffic) {
    var options = IPFIXEncoder.Options()
    options.exportsBiflows = collector.flows == .biflow
    options.enterprise = collector.enterpriseNumber
    options.observationDomain = collector.observationDomain
    options.messageSize = collector.messageSize
    self = .collector(
      collector.endpoint,
      overTCP: collector.transport == .tcp,
      options,
      templateInterval: collector.templateInterval,
      ownTraffic: own,
      filter: collector.filter,
      queue: collector.queue
    )
  }
}

extension RemoteWriteTarget {
  /// What the host is called is `instance`, unless a label says it.
  init(_ settings: Settings.RemoteWrite, host: String) {
    self.init(Server(settings.url, certificates: settings.certificates))
    interval = settings.interval
    timeout = settings.timeout
    queue = settings.queue
    labels = settings.labels.map { ($0.name, $0.value) }
    if !labels.contains(where: { $0.0 == "instance" }) { labels.append(("instance", host)) }
    credentials = { () throws(PostFailure) in
      do throws(FileFailure) {
        guard let value = try settings.authorization else { return [] }
        return [HeaderField(name: "Authorization", value: value)]
      } catch {
        throw PostFailure(error.description)
      }
    }
  }
}

extension Settings.RemoteWrite {
  /// The value of the header field, from the files as they are now; nil: none is sent.
  var authorization: String? {
    get throws(FileFailure) {
      if let place = bearerTokenFile { return "Bearer \(try SecretFile(place).line())" }
      guard let username, let place = passwordFile else { return nil }
      return "Basic \(Data("\(username):\(try SecretFile(place).line())".utf8).base64EncodedString())"
    }
  }
}

extension WorkerMailbox: MetricsSource {}
