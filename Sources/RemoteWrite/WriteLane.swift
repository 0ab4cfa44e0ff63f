internal import Dispatch
internal import Foundation
internal import HTTPPosting
internal import Logging
internal import Monitoring
internal import PacketDecoding
internal import Reporting
internal import Synchronization

/// The way to one server: one task makes requests at an interval, another sends them.
final class WriteLane: Sendable {
  private let target: RemoteWriteTarget
  private let poster: Poster
  private let source: any MetricsSource
  private let logger: Logger
  private let state: Mutex<State>
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let ended = DispatchSemaphore(value: 0)

  fileprivate struct State {
    var queue: WriteQueue
    var book: SeriesBook
    var sent = 0
    var failed = 0
    var lastError: String?
    var isEnding = false
    var sampler: Task<Void, Never>?
  }

  /// Of what clients do wrong, only this may be sent again (Prometheus remote write 1.0).
  private static let temporary: Set = [429]
  /// In which a pause is looked up from.
  private static let slice = 0.1

  init(_ target: RemoteWriteTarget, _ poster: Poster, _ source: any MetricsSource, _ logger: Logger) {
    self.target = target
    self.poster = poster
    self.source = source
    self.logger = logger
    state = Mutex(State(queue: WriteQueue(limit: target.queue), book: SeriesBook(external: target.labels)))
    (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func start() {
    let sampler = Task { await sample() }
    state.withLock { $0.sampler = sampler }
    Task { await send() }
  }

  func finish() {
    state.withLock { state in
      state.sampler?.cancel()
      state.isEnding = true
      Self.add(state.book.ending(at: Self.now), to: &state)
    }
    wake.yield()
  }

  func waitForEnd(until end: ContinuousClock.Instant) {
    let left = max(Double((end - .now) / .milliseconds(1)), 0)
    guard ended.wait(timeout: .now() + left / 1000) != .success else { return }
    let waiting = state.withLock { $0.queue.count }
    logger.warning("export to \(target.server.authority): \(waiting) requests were not sent before the end")
  }

  var status: ExportStatus {
    state.withLock { state in
      var status = ExportStatus(kind: "remote_write", name: target.server.authority)
      status.waiting = state.queue.count
      status.exported = state.sent
      status.dropped = state.queue.dropped
      status.failed = state.failed
      status.lastError = state.lastError
      return status
    }
  }

  // MARK: Samples

  /// Not all hosts of a fleet at the same moment.
  private func sample() async {
    let interval = Double(target.interval.nanoseconds) / 1e9
    var due = ContinuousClock.now + .seconds(min(interval, 5) * .random(in: 0...1))
    while true {
      do { try await Task.sleep(until: due) } catch { return }
      due = max(due + .seconds(interval), .now)
      guard var snapshot = await source.snapshot(), let live = await source.live() else { return }
      snapshot.note(live)
      let samples = MetricsText.samples(snapshot, live)
      let time = Self.now
      state.withLock { state in
        guard !state.isEnding else { return }
        Self.add(state.book.requests(samples, at: time), to: &state)
      }
      wake.yield()
    }
  }

  private static func add(_ requests: [WriteRequest], to state: inout State) {
    for request in requests { state.queue.add(Snappy.compress(request.bytes)) }
  }

  private static var now: Timestamp {
    Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1000) * 1_000_000)
  }

  // MARK: Requests

  private func send() async {
    var plan = RetryPlan()
    for await _ in wakes {
      while let next = state.withLock({ $0.queue.first }) {
        let outcome = await attempt(next.body)
        note(outcome, of: next.number)
        guard case .failed(_, let asked) = outcome else {
          plan.succeed()
          continue
        }
        await pause(plan.nextPause(asked: asked))
      }
      if state.withLock({ $0.isEnding }) { break }
    }
    await poster.close()
    ended.signal()
  }

  /// Less when the end comes.
  private func pause(_ seconds: Double) async {
    var left = seconds
    while left > 0 {
      try? await Task.sleep(for: .seconds(min(left, Self.slice)))
      left -= Self.slice
      if state.withLock({ $0.isEnding }) { left = min(left, 0.5) }
    }
  }

  private func attempt(_ body: [UInt8]) async -> PostOutcome {
    do throws(PostFailure) {
      return PostOutcome(try await poster.post(try request(body)), temporary: Self.temporary)
    } catch {
      return .failed(error.reason)
    }
  }

  private func request(_ body: [UInt8]) throws(PostFailure) -> Post {
    let fields = [
      HeaderField(name: "Content-Encoding", value: "snappy"),
      HeaderField(name: "X-Prometheus-Remote-Write-Version", value: "0.1.0"),
    ]
    return Post(contentType: "application/x-protobuf", fields: fields + (try target.credentials()), body: body)
  }

  /// Says so when it begins to fail, and when it goes well again; not each time.
  private func note(_ outcome: PostOutcome, of number: Int) {
    let before = state.withLock { state in
      defer { state.note(outcome, of: number) }
      return state.lastError
    }
    switch outcome {
    case .taken: if before != nil { logger.notice("export to \(target.server.authority) goes on") }
    case .refused(let reason):
      logger.warning("\(target.server.authority) refuses metrics, which are not sent again: \(reason)")
    case .failed(let reason, _):
      if before != reason { logger.warning("export to \(target.server.authority): \(reason); trying again") }
    }
  }
}

extension WriteLane.State {
  fileprivate mutating func note(_ outcome: PostOutcome, of number: Int) {
    switch outcome {
    case .taken:
      queue.settle(number, isDropped: false)
      (sent, lastError) = (sent + 1, nil)
    case .refused(let reason):
      queue.settle(number, isDropped: true)
      (failed, lastError) = (failed + 1, reason)
    case .failed(let reason, _): (failed, lastError) = (failed + 1, reason)
    }
  }
}
