package import Alerting
internal import Dispatch
internal import GRDB
package import Logging
package import Monitoring
package import PacketDecoding
internal import Synchronization

/// Writes what is over, and answers questions about it, on a thread of its own: nobody else waits for a disk.
package final class HistoryStore: Sendable {
  private let queue = DispatchQueue(label: "history", qos: .utility)
  private let writer: Mutex<HistoryWriter>
  private let standing: Mutex<HistoryStanding>
  private let path: String?
  private let logger: Logger

  /// A disk that does not answer keeps nobody longer.
  private static let answersWithin = 5.0

  /// - Parameter path: of the file; nil to keep it in memory.
  package init(path: String?, limits: HistoryLimits, logger: Logger) {
    let writer = HistoryWriter(path: path, limits: limits, logger: logger)
    standing = Mutex(HistoryStanding(written: writer.status))
    (self.path, self.logger) = (path, logger)
    self.writer = Mutex(writer)
  }

  /// Opens the file, so that what is wrong with it is told now.
  package func start() { queue.async { self.work { $0.open() } } }

  package var status: HistoryStatus { standing.withLock { $0.status } }

  /// What was there before the first minute.
  package func begin(_ snapshot: Snapshot) {
    queue.async { self.writer.withLock { $0.begin(snapshot) } }
  }

  /// Takes a minute that is over.
  ///
  /// - Parameter waits: until it is written, where time is not that of the clock and minutes come fast.
  package func take(_ minute: WatchedMinute, waits: Bool = false) {
    if waits { return queue.sync { work { $0.take(minute) } } }
    let (isTaken, isStuck) = standing.withLock { $0.hand() }
    if isStuck, let path {
      logger.error(
        "cannot write \(path): \(HistoryStanding.hanging); the daemon goes on, and keeps a few minutes for it"
      )
    }
    guard isTaken else { return }
    queue.async {
      self.work { $0.take(minute) }
      let wasStuck = self.standing.withLock { $0.finishOne() }
      if wasStuck, let path = self.path { self.logger.notice("\(path): the disk answers again") }
    }
  }

  /// Takes an alert as it is now; written with the next minute, or when somebody asks.
  package func take(_ alert: AlertStatus) {
    guard standing.withLock({ $0.handAlert() }) else { return }
    queue.async {
      self.writer.withLock { $0.take(alert) }
      self.standing.withLock { $0.finishAlert() }
    }
  }

  /// Writes what waits, and closes the file.
  package func finish(_ last: WatchedMinute?, within seconds: Double) {
    let group = DispatchGroup()
    queue.async(group: group) { self.work { $0.finish(last) } }
    _ = group.wait(timeout: .now() + seconds)
  }

  /// - Parameters:
  ///   - current: the figures of the minute that is going on, which is in no file yet.
  /// - Returns: nil when too many wait for an answer already, or the disk does not answer.
  package func answer(_ query: HistoryQuery, now: Timestamp, current: FigureSample?) async -> HistoryAnswer? {
    guard standing.withLock({ $0.handReader() }) else { return nil }
    return await withCheckedContinuation { continuation in
      let reader = WaitingReader(continuation)
      queue.async {
        // Who has gone wants no answer.
        if !reader.hasGone { reader.resume(self.work { $0.answer(query, now: now, current: current) }) }
        self.standing.withLock { $0.finishReader() }
      }
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.answersWithin) { reader.resume(nil) }
    }
  }

  @discardableResult
  private func work<Result>(_ body: (inout HistoryWriter) -> sending Result) -> Result {
    writer.withLock { writer in
      let result = body(&writer)
      standing.withLock { [status = writer.status] in $0.written = status }
      return result
    }
  }
}

/// Who asked, and is answered once.
private final class WaitingReader: Sendable {
  private let continuation: Mutex<CheckedContinuation<HistoryAnswer?, Never>?>

  init(_ continuation: CheckedContinuation<HistoryAnswer?, Never>) {
    self.continuation = Mutex(continuation)
  }

  var hasGone: Bool { continuation.withLock { $0 == nil } }

  func resume(_ answer: sending HistoryAnswer?) {
    let waiting = continuation.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    waiting?.resume(returning: answer)
  }
}
