internal import Engine
internal import KernelSockets
internal import StatusServer
internal import Synchronization

/// What other threads want of the capture worker. It answers between two batches of frames, within 50 ms also when
/// there is no traffic.
final class WorkerMailbox: Sendable {
  enum Request: Sendable {
    case snapshot(CheckedContinuation<Snapshot?, Never>)
    case live(CheckedContinuation<LiveStatus?, Never>)
    case connections(ConnectionQuery, CheckedContinuation<ConnectionPage?, Never>)
    case reload(WorkerSettings)
  }

  private struct State {
    var requests: [Request] = []
    var stops = false
  }

  private let state = Mutex(State())
  let wakeup: EventFD

  init() throws(SystemError) {
    wakeup = try EventFD()
  }

  /// Adds a request; false when the worker has stopped, and nobody will answer.
  func post(_ request: Request) -> Bool {
    let isTaken = state.withLock { state in
      if !state.stops { state.requests.append(request) }
      return !state.stops
    }
    wakeup.signal()
    return isTaken
  }

  func stop() {
    state.withLock { $0.stops = true }
    wakeup.signal()
  }

  /// What has come since the last call, and whether to stop after it.
  func take() -> (requests: [Request], stops: Bool) {
    _ = wakeup.drain()
    return state.withLock { state in
      defer { state.requests = [] }
      return (state.requests, state.stops)
    }
  }
}

extension WorkerMailbox: StatusSource {
  func snapshot() async -> Snapshot? {
    await withCheckedContinuation { continuation in
      if !post(.snapshot(continuation)) { continuation.resume(returning: nil) }
    }
  }

  func live() async -> LiveStatus? {
    await withCheckedContinuation { continuation in
      if !post(.live(continuation)) { continuation.resume(returning: nil) }
    }
  }

  func connections(_ query: ConnectionQuery) async -> ConnectionPage? {
    await withCheckedContinuation { continuation in
      if !post(.connections(query, continuation)) { continuation.resume(returning: nil) }
    }
  }
}
