internal import Dispatch
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
  private let connector: Connector
  private let outbox: any Outbox
  private let logger: Logger
  private let shown: String
  private let state = Mutex(State())
  private let wake: AsyncStream<Void>.Continuation
  private let wakes: AsyncStream<Void>

  private struct State {
    var delivered = 0
    var failed = 0
    var refused = 0
    var lastError: String?
    var task: Task<Void, Never>?
  }

  /// - Parameter shown: the server in messages.
  init(_ connector: Connector, _ outbox: any Outbox, shown: String, logger: Logger) {
    self.connector = connector
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
      var connection: DeliveryConnection?
      while !Task.isCancelled, let parcel = outbox.next() {
        let outcome = await attempt(parcel, on: &connection)
        note(outcome)
        switch outcome {
        case .delivered:
          plan.succeed()
          outbox.settle(parcel, isDropped: false)
        case .refused:
          plan.succeed()
          outbox.settle(parcel, isDropped: true)
        case .failed(_, let asked):
          connection?.close()
          connection = nil
          try? await Task.sleep(for: .seconds(plan.nextPause(asked: asked)))
        }
      }
      // Kept open only while there is more to send: a server ends idle connections when it likes.
      connection?.close()
    }
  }

  private func attempt(_ parcel: Parcel, on connection: inout DeliveryConnection?) async -> Outcome {
    do {
      if let open = connection, open.isOpen {
        do {
          return Outcome(try await send(parcel, on: open))
        } catch  where error == .closedBeforeAnswer {
          // The server had ended it by then: no word of trouble.
        }
      }
      let new = try await connector.open()
      connection = new
      return Outcome(try await send(parcel, on: new))
    } catch {
      return .failed(error.description)
    }
  }

  private func send(_ parcel: Parcel, on connection: DeliveryConnection) async throws(DeliveryFailure) -> Answer {
    try await connection.send(connector.head(parcel.post), parcel.post.body)
  }

  /// Says so when it begins to fail, and when it goes well again; not each time.
  private func note(_ outcome: Outcome) {
    let before = state.withLock { state in
      defer {
        switch outcome {
        case .delivered:
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
    case .delivered: if before != nil { logger.notice("\(shown) takes alerts again") }
    case .refused(let reason): logger.warning("\(shown) refuses an alert, which is not sent again: \(reason)")
    case .failed(let reason, _):
      if before != reason { logger.warning("\(shown) takes no alerts: \(reason); trying again") }
    }
  }
}
