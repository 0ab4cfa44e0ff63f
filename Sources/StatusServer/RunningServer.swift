internal import Dispatch
internal import Engine
internal import Synchronization

/// Why nothing listens.
package struct ListenFailure: Error, CustomStringConvertible {
  let endpoint: Endpoint
  let reason: String

  package var description: String {
    let isTaken = reason.contains("EADDRINUSE") || reason.contains("ddress already in use")
    return isTaken
      ? "cannot listen on \(endpoint): the port is in use; stop what uses it, or choose another with --listen"
      : "cannot listen on \(endpoint): \(reason.split(separator: "\n").first ?? "")"
  }
}

/// The listeners, once they are there.
package final class RunningServer: Sendable {
  private struct State {
    var tasks: [Task<Void, Never>] = []
    var failure: ListenFailure?
  }

  private let state = Mutex(State())

  /// Set when a listener ended on its own.
  package var failure: ListenFailure? { state.withLock { $0.failure } }

  func add(_ task: Task<Void, Never>) { state.withLock { $0.tasks.append(task) } }
  func fail(_ failure: ListenFailure) { state.withLock { $0.failure = failure } }

  package func stop() {
    for task in state.withLock({ $0.tasks }) { task.cancel() }
  }
}

/// How a listener's start went; the first word counts.
final class StartOutcome: Sendable {
  private struct State {
    var isSettled = false
    var failure: ListenFailure?
  }

  private let semaphore = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  /// False when the outcome was known already.
  func settle(_ failure: ListenFailure?) -> Bool {
    let isFirst = state.withLock { state in
      guard !state.isSettled else { return false }
      state = State(isSettled: true, failure: failure)
      return true
    }
    if isFirst { semaphore.signal() }
    return isFirst
  }

  func wait() -> ListenFailure? {
    semaphore.wait()
    return state.withLock { $0.failure }
  }
}
