internal import Dispatch
internal import Synchronization

/// The listeners, once they are there.
package final class RunningServer: Sendable {
  private struct State {
    var tasks: [Task<Void, Never>] = []
    var files: [SocketFile] = []
    var addresses: [ListenAddress] = []
    var failure: ListenFailure?
    var failed: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Set when a listener ended on its own.
  package var failure: ListenFailure? { state.withLock { $0.failure } }

  /// Where it listens: for port 0, what the kernel chose.
  package var addresses: [ListenAddress] { state.withLock { $0.addresses } }

  func add(_ task: Task<Void, Never>) { state.withLock { $0.tasks.append(task) } }
  func add(_ file: SocketFile) { state.withLock { $0.files.append(file) } }
  func add(_ address: ListenAddress) { state.withLock { $0.addresses.append(address) } }
  func fail(_ failure: ListenFailure) {
    let failed = state.withLock { state in
      state.failure = failure
      return state.failed
    }
    failed?()
  }

  /// - Parameter body: is called when there is a failure, from any thread.
  package func whenFailed(_ body: @escaping @Sendable () -> Void) {
    let isFailed = state.withLock { state in
      state.failed = body
      return state.failure != nil
    }
    if isFailed { body() }
  }

  package func stop() {
    let (tasks, files) = state.withLock { ($0.tasks, $0.files) }
    for file in files { file.remove() }
    for task in tasks { task.cancel() }
  }
}

/// How a listener's start went; the first word counts.
final class StartOutcome: Sendable {
  /// The port, if it listens on one.
  typealias Word = Result<UInt16?, ListenFailure>

  private let semaphore = DispatchSemaphore(value: 0)
  private let word = Mutex<Word?>(nil)

  /// False when the outcome was known already.
  func settle(_ outcome: Word) -> Bool {
    let isFirst = word.withLock { word in
      guard word == nil else { return false }
      word = outcome
      return true
    }
    if isFirst { semaphore.signal() }
    return isFirst
  }

  func wait() throws(ListenFailure) -> UInt16? {
    semaphore.wait()
    return try word.withLock { $0 }?.get()
  }
}
