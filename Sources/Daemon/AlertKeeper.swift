internal import Alerting
internal import Logging
internal import PacketDecoding
internal import Settings

/// The rules and where they stand, kept across restarts of the daemon.
struct AlertKeeper {
  private(set) var evaluator: AlertEvaluator
  private let file: StateFile?
  private var savedRevision = 0

  /// - Parameter file: where the state is kept; nil to forget it.
  init(settings: WorkerSettings, file: StateFile?, at now: Instant, wallClock: Timestamp) {
    self.file = file
    evaluator = AlertEvaluator(rules: settings.settings.alerts, labels: settings.settings.labels)
    let saved = file?.load(SavedAlerts.self) { $0.version == SavedAlerts.currentVersion }
    if let saved { evaluator.restore(saved, at: now, wallClock: wallClock) }
    savedRevision = evaluator.revision
  }

  mutating func evaluate(
    _ readings: AlertReadings,
    at now: Instant,
    wallClock: Timestamp,
    examples: (AlertRule, AlertSubject) -> AlertExamples
  ) -> [AlertEvent] {
    let events = evaluator.evaluate(readings, at: now, wallClock: wallClock, examples: examples)
    saveIfChanged(at: now, wallClock: wallClock)
    return events
  }

  mutating func reload(_ settings: WorkerSettings) {
    evaluator.reload(rules: settings.settings.alerts, labels: settings.settings.labels)
  }

  /// A capture file was written for an alert.
  mutating func note(capture path: String, of alert: String) { evaluator.note(capture: path, of: alert) }

  /// Handed over before what it leads to is told. Should the daemon be killed before the disk has it, the alert goes on
  /// from the state before, under the same id.
  private mutating func saveIfChanged(at now: Instant, wallClock: Timestamp) {
    guard let file, evaluator.revision != savedRevision else { return }
    savedRevision = evaluator.revision
    file.save(evaluator.saved(at: now, wallClock: wallClock))
  }

  /// Waits until the last state is written, for no longer than `span`.
  func finish(within span: Seconds) { file?.finish(within: span) }
}
