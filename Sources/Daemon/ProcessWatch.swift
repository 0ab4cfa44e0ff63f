internal import ConnectionTracking
internal import Foundation
internal import KernelSockets
internal import Logging
internal import PacketDecoding
internal import Synchronization

/// Finds out which processes hold sockets, on a thread of its own: the only one that keeps the rights which that needs.
final class ProcessWatch: Sendable {
  struct Question: Sendable {
    var end: UnownedEnd
    var socket: SocketHolders.Socket
    /// Of a server's end: the one that took the connection, if there is just one.
    var listener: SocketHolders.Socket?
  }

  struct Answer: Sendable {
    var end: UnownedEnd
    var process: ProcessName
  }

  private struct State {
    var questions: [Question] = []
    var answers: [Answer] = []
    var failure: SystemError?
    var stops = false
  }

  private let state = Mutex(State())
  private let orders: EventFD
  private let worker: EventFD

  private static let questionLimit = 16_384
  private static let longestWait = Seconds(3600)
  /// Looking takes at most a tenth of the time.
  private static let rest: Int64 = 9
  private static let longestRest = Seconds(1)

  /// Starts the thread. Call it before privileges are given up.
  ///
  /// - Parameter worker: is signalled when there are answers.
  init(worker: EventFD) throws(SystemError) {
    orders = try EventFD()
    self.worker = worker
    let ready = DispatchSemaphore(value: 0)
    let thread = Thread { [self] in
      do throws(SystemError) { try Privileges.keepOnlyProcesses() } catch { state.withLock { $0.failure = error } }
      ready.signal()
      run()
    }
    thread.name = "processes"
    thread.start()
    ready.wait()
    if let failure = state.withLock({ $0.failure }) {
      stop()
      throw failure
    }
  }

  func stop() {
    state.withLock { $0.stops = true }
    orders.signal()
  }

  func ask(_ questions: [Question]) {
    guard !questions.isEmpty else { return }
    state.withLock { state in
      state.questions += questions.prefix(max(Self.questionLimit - state.questions.count, 0))
    }
    orders.signal()
  }

  func takeAnswers() -> [Answer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  // MARK: The thread

  private func run() {
    var finder = ProcessFinder()
    while let questions = waitForQuestions() {
      let began = MonotonicClock.now()
      let answers = finder.answer(questions, at: began)
      if !answers.isEmpty {
        state.withLock { $0.answers += answers }
        worker.signal()
      }
      let took = MonotonicClock.now() - began
      let pause = min(Seconds(nanoseconds: took.nanoseconds * Self.rest), Self.longestRest)
      Thread.sleep(forTimeInterval: pause.value)
    }
  }

  /// - Returns: nil when it is time to stop.
  private func waitForQuestions() -> [Question]? {
    while true {
      let (questions, stops) = state.withLock { state in
        defer { state.questions = [] }
        return (state.questions, state.stops)
      }
      if stops { return nil }
      if !questions.isEmpty { return questions }
      var poller = Poller()
      _ = poller.add(orders.fileDescriptor)
      poller.wait(timeout: Self.longestWait)
      orders.drain()
    }
  }
}

/// Who holds sockets, and who holds the listeners of those that were gone too soon.
private struct ProcessFinder {
  private var holders = SocketHolders()
  /// Of listeners: the only process that has it open, if so, and when that was looked up.
  private var listeners: [SocketHolders.Socket: (process: ProcessName?, at: Instant)] = [:]

  private static let listenerLimit = 4096
  /// A server may start more workers.
  private static let listenerAge = Seconds(5)

  mutating func answer(_ questions: [ProcessWatch.Question], at now: Instant) -> [ProcessWatch.Answer] {
    let found = holders.find(Set(questions.lazy.map(\.socket).filter { $0.inode != 0 }), at: now)
    return questions.compactMap { question in
      let process = found[question.socket.inode] ?? question.listener.flatMap { holder(ofListener: $0, at: now) }
      return process.map { ProcessWatch.Answer(end: question.end, process: $0) }
    }
  }

  private mutating func holder(ofListener listener: SocketHolders.Socket, at now: Instant) -> ProcessName? {
    if let known = listeners[listener], now - known.at < Self.listenerAge { return known.process }
    if listeners.count >= Self.listenerLimit { listeners = [:] }
    let process = holders.soleHolder(of: listener)
    listeners[listener] = (process, now)
    return process
  }
}
