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
  private let standing: Mutex<Standing>

  private struct Standing {
    var status = HistoryStatus()
    /// What was handed over and nobody has looked at yet.
    var handed = 0
    var readers = 0
  }

  /// Minutes that may wait to be looked at; when the disk hangs, what comes after them is given up.
  private static let handedLimit = 8
  private static let readerLimit = 16

  /// - Parameter path: of the file; nil to keep it in memory.
  package init(path: String?, limits: HistoryLimits, logger: Logger) {
    let writer = HistoryWriter(path: path, limits: limits, logger: logger)
    standing = Mutex(Standing(status: writer.status))
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
    let isTaken = standing.withLock { standing in
      guard standing.handed < Self.handedLimit else {
        standing.status.lost += 1
        return false
      }
      standing.handed += 1
      return true
    }
    guard isTaken else { return }
    queue.async {
      self.work { $0.take(minute) }
      self.standing.withLock { $0.handed -= 1 }
    }
  }

  /// Takes an alert as it is now; written with the next minute, or when somebody asks.
  package func take(_ alert: AlertStatus) {
    queue.async { self.writer.withLock { $0.take(alert) } }
  }

  /// Writes what waits, and closes the file.
  package func finish(_ last: WatchedMinute?, within seconds: Double) {
    let group = DispatchGroup()
    queue.async(group: group) { self.work { $0.finish(last) } }
    _ = group.wait(timeout: .now() + seconds)
  }

  /// - Parameters:
  ///   - current: the figures of the minute that is going on, which is in no file yet.
  /// - Returns: nil when too many wait for an answer already.
  package func answer(_ query: HistoryQuery, now: Timestamp, current: FigureSample?) async -> HistoryAnswer? {
    let isTaken = standing.withLock { standing in
      guard standing.readers < Self.readerLimit else { return false }
      standing.readers += 1
      return true
    }
    guard isTaken else { return nil }
    defer { standing.withLock { $0.readers -= 1 } }
    return await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: self.work { $0.answer(query, now: now, current: current) })
      }
    }
  }

  @discardableResult
  private func work<Result>(_ body: (inout HistoryWriter) -> sending Result) -> Result {
    writer.withLock { writer in
      let result = body(&writer)
      standing.withLock { [status = writer.status] standing in
        let lost = standing.status.lost
        standing.status = status
        standing.status.lost = max(lost, status.lost)
      }
      return result
    }
  }
}
