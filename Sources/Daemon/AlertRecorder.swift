internal import Alerting
internal import CloseDiagnosis
internal import ConnectionTracking
internal import FlightRecorder
internal import KernelSockets
internal import Monitoring
internal import PacketDecoding
internal import Settings
internal import StateAccounting

/// Writes what was recorded around the firing of an alert, some seconds after it.
struct AlertRecorder {
  private let settings: Settings.Recorder
  private let directory: CaptureDirectory?
  private var due: [Wanted] = []
  private let application: String

  private struct Wanted {
    var alert: AlertStatus
    var sentence: String
    var start: Timestamp
    var at: Instant
  }

  /// Of one moment: a rule by peer may fire two hundred times at once.
  private static let waitingLimit = 8

  /// - Parameter directory: nil to write none.
  init(settings: WorkerSettings, directory: CaptureDirectory?) {
    self.settings = settings.settings.recorder
    self.directory = directory
    application = "tcpstated \(settings.version)"
  }

  /// Takes note of what fired: the packets of its `for` are wanted, too.
  mutating func note(_ events: [AlertEvent], rules: [AlertRule], at now: Instant) {
    guard directory != nil, settings.size > 0 else { return }
    for case .fired(let alert) in events where due.count < Self.waitingLimit {
      let rule = rules.first { $0.name == alert.name }
      let before = settings.before.nanoseconds &+ (rule?.hold.nanoseconds ?? 0)
      let fired = alert.firedAt ?? alert.since
      due.append(
        Wanted(
          alert: alert,
          sentence: rule?.sentence ?? alert.name,
          start: Timestamp(nanoseconds: fired.nanoseconds &- min(before, settings.duration.nanoseconds)),
          at: now + settings.after
        )
      )
    }
  }

  /// Connections of services with a pending alert are kept whole.
  func prefer(_ pending: [AlertStatus], _ snapshot: Snapshot, in monitor: inout Monitor) {
    let pending = pending.filter { $0.state == .pending }
    let named = pending.compactMap { $0.subject.service }
    let isOfHost = pending.contains { $0.subject == .host }
    monitor.recorder.prefer(named + (isOfHost ? snapshot.accounts.services.prefix(3).map(\.service) : []))
  }

  /// Writes what is due.
  ///
  /// - Parameter written: is called with the id of the alert and the path of its file.
  mutating func advance(
    _ monitor: borrowing Monitor,
    _ captures: CaptureSet,
    at now: Instant,
    written: @escaping @Sendable (String, String) -> Void
  ) {
    guard let directory, let first = due.first, first.at <= now else { return }
    // One at a time: each looks through everything that is recorded.
    let wanted = due.removeFirst()
    let alert = wanted.alert
    var file = PcapngWriter(
      comment: RecordingComment.of(alert, wanted.sentence, since: wanted.start, oneIn: monitor.recorder.oneIn),
      application: application,
      interfaces: captures.recorded,
      limit: settings.fileSize
    )
    monitor.write(to: &file, since: wanted.start, RecordingFilter(of: alert), decoders: captures.decoders)
    file.finish(at: WallClock.now())
    let time = (alert.firedAt ?? alert.since).description.filter { $0 != ":" && $0 != "-" }
    directory.write(file.bytes, name: "\(time)-\(alert.name)-\(alert.id)") { written(alert.id, $0) }
  }
}
