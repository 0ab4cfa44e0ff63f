package import Alerting
package import Monitoring
package import PacketDecoding
internal import Synchronization

/// What the past is made of: the last minutes by the second in memory, and what the store has of all before.
package final class HistoryRecorder: Sendable {
  private let store: HistoryStore
  private let watch = Mutex(MinuteWatch())
  /// Time is that of packets, and minutes come as fast as they can be read.
  private let isReplay: Bool

  package init(store: HistoryStore, isReplay: Bool) {
    self.store = store
    self.isReplay = isReplay
  }

  package var status: HistoryStatus { store.status }

  package func start() { store.start() }

  /// Takes note of what was there before the daemon.
  package func begin(_ snapshot: Snapshot) {
    watch.withLock { $0.begin(snapshot) }
    store.begin(snapshot)
  }

  /// Takes the figures of this second.
  package func note(_ snapshot: Snapshot) {
    if let minute = watch.withLock({ $0.add(snapshot) }) { store.take(minute, waits: isReplay) }
  }

  /// Takes an alert that fired, changed or cleared.
  package func note(_ alert: AlertStatus) { store.take(alert) }

  /// The last there is: writes the minute that is going on.
  package func finish(_ snapshot: Snapshot, within seconds: Double) {
    store.finish(watch.withLock { $0.finish(snapshot) }, within: seconds)
  }

  /// Nil when too many ask at once.
  package func answer(_ query: HistoryQuery, clock: Timestamp) async -> HistoryAnswer? {
    let (seconds, current) = watch.withLock { ($0.seconds, $0.current) }
    let now = seconds.last?.time ?? clock
    let range = query.range(now: now)
    guard query.wantsSeconds(in: range, now: now) else { return await store.answer(query, now: now, current: current) }
    let samples = seconds.filter { $0.time >= range.since && $0.time <= range.until }
    var answer = HistoryAnswer(range: range, rows: .samples(samples, step: Seconds(1)))
    answer.oldest = seconds.first?.time
    return answer
  }
}
