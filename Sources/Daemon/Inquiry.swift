internal import KernelSockets
internal import PacketDecoding
internal import Synchronization

/// Questions of the worker for a thread that may wait for the kernel, and the answers.
final class Inquiry<Question: Sendable, Answer: Sendable>: Sendable {
  private struct State {
    var questions: [Question] = []
    var answers: [Answer] = []
    var stops = false
  }

  private let state = Mutex(State())
  private let orders: EventFD
  private let worker: EventFD

  /// More than these do not wait at once; the next reading of the whole table tells of those that still live.
  private static var limit: Int { 16_384 }

  /// - Parameter worker: is signalled when there are answers.
  init(worker: EventFD) throws(SystemError) {
    orders = try EventFD()
    self.worker = worker
  }

  // MARK: The worker's side

  func ask(_ questions: [Question]) {
    guard !questions.isEmpty else { return }
    state.withLock { $0.questions += questions.prefix(max(Self.limit - $0.questions.count, 0)) }
    orders.signal()
  }

  func takeAnswers() -> [Answer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  func stop() {
    state.withLock { $0.stops = true }
    orders.signal()
  }

  // MARK: The thread's side

  var isStopping: Bool { state.withLock { $0.stops } }

  /// Waits for questions, though no longer than until then.
  ///
  /// - Returns: none when that time has come, nil when it is time to stop.
  func questions(until end: Instant) -> [Question]? {
    while true {
      let (questions, stops) = state.withLock { state in
        defer { state.questions = [] }
        return (state.questions, state.stops)
      }
      if stops { return nil }
      let left = end - MonotonicClock.now()
      if !questions.isEmpty || left <= .zero { return questions }
      var poller = Poller()
      _ = poller.add(orders.fileDescriptor)
      poller.wait(timeout: left)
      orders.drain()
    }
  }

  func answer(_ answers: [Answer]) {
    guard !answers.isEmpty else { return }
    state.withLock { $0.answers += answers }
    worker.signal()
  }
}
