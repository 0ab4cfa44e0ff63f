internal import Dispatch
internal import HTTPPosting
internal import Logging
internal import Monitoring
internal import Synchronization

/// What is to be sent to one server, in order.
protocol Outbox: Sendable {
  /// The next, as often as it is asked, until it is settled.
  func next() -> Parcel?
  /// The server took it, or never will.
  func settle(_ parcel: Parcel, isDropped: Bool)
}

struct Parcel: Sendable {
  var id: String
  var post: Post
}

/// Sends to one server, one after the other, and again until it takes them.
final class Sender: Sendable {
  private let poster: Poster
  private let outbox: any Outbox
  private let logger: Logger
  private let shown: String
  private let state = Mutex(State())
  private let wake: AsyncStream<Void>.Continuation
  private let wakes: AsyncStream<Void>

  /// A request that came too late or too early, and one of too many (RFC 9110, RFC 8470, RFC 6585).
  private static let temporary: Set = [408, 425, 429]

  private struct State {
    var delivered = 0
    var failed = 0
    var refused = 0
    var lastError: String?
    var task: Task<Void, Never>?
  }

  /// - Parameter shown: the server in messages.
  init(_ poster: Poster, _ outbox: any Outbox, shown: String, logger: Logger) {
    self.poster = poster
    self.outbox = outbox
    self.shown = shown
    self.logger = logger
    (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func start(in group: DispatchGroup) {
    group.enter()
    let task = Task {
      await run()
      group.leave()
    }
    state.withLock { $0.task = task }
    wake.yield()
  }

  /// There is something to send.
  func signal() { wake.yield() }

  /// Ends it, after the attempt that is under way.
  func stop() {
    wake.finish()
    state.withLock { $0.task }?.cancel()
  }

  func report(into status: inout DeliveryStatus) {
    state.withLock { state in
      status.delivered = state.delivered
      status.failed = state.failed
      status.dropped += state.refused
      status.lastError = state.lastError
    }
  }

  private func run() async {
    var plan = RetryPlan()
    for await _ in wakes {
      while !Task.isCancelled, let parcel = outbox.next() {
        let outcome = await attempt(parcel.post)
        note(outcome)
        switch outcome {
        case .taken:
          plan.succeed()
          outbox.settle(parcel, isDropped: false)
        case .refused:
          plan.succeed()
          outbox.settle(parcel, isDropped: true)
        case .failed(_, let asked):
          try? await Task.sleep(for: .seconds(plan.nextPause(asked: asked)))
        }
      }
      // Kept open only while there is more to send: a server ends idle connections when it likes.
      await poster.close()
    }
  }

  private func attempt(_ post: Post) async -> PostOutcome {
    do {
      return PostOutcome(try await poster.post(post), temporary: Self.temporary)
    } catch {
      return .failed(error.reason)
    }
  }

  /// Says so when it begins to fail, and when it goes well again; not each time.
  private func note(_ outcome: PostOutcome) {
    let before = state.withLock { state in
      defer {
        switch outcome {
        case .taken:
          state.delivered += 1
          state.lastError = nil
        case .refused(let reason):
          state.failed += 1
          state.refused += 1
          state.lastError = reason
        case .failed(let reason, _):
          state.failed += 1
          state.lastError = reason
        }
      }
      return state.lastError
    }
    switch outcome {
    case .taken: if before != nil { logger.notice("\(shown) takes alerts again") }
    case .refused(let reason): logger.warning("\(shown) refuses an alert, which is not sent again: \(reason)")
    case .failed(let reason, _):
      if before != reason { logger.warning("\(shown) takes no alerts: \(reason); trying again") }
    }
  }
}
