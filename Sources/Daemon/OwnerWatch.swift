internal import ConnectionTracking
internal import Foundation
internal import KernelSockets
internal import Logging
internal import PacketDecoding
internal import Synchronization

/// Finds out who holds sockets, on a thread of its own: a connection may be over while the whole table is still being read.
final class OwnerWatch: Sendable {
  struct Answer: Sendable {
    var end: UnownedEnd
    var ownership: Ownership
  }

  private struct State {
    var questions: [UnownedEnd] = []
    var answers: [Answer] = []
    var listeners = Listeners()
    var stops = false
  }

  private let state = Mutex(State())
  private let orders: EventFD
  private let worker: EventFD
  private let registry: OwnerRegistry
  private let processes: ProcessWatch?
  private let logger: Logger

  /// More than these are not asked at once; the next reading of the whole table tells of those that still live.
  private static let questionLimit = 16_384
  private static let longestWait = Seconds(3600)
  private static let pauseAfterFailure = 1.0

  /// - Parameter worker: is signalled when there are answers.
  init(
    registry: OwnerRegistry,
    processes: ProcessWatch?,
    worker: EventFD,
    logger: Logger
  ) throws(SystemError) {
    orders = try EventFD()
    self.registry = registry
    self.processes = processes
    self.worker = worker
    self.logger = logger
  }

  // MARK: The worker's side

  /// Learns who listens before anything else, so that the first connections have owners too.
  func start() throws(SystemError) {
    var reader = OwnerReader(try SocketDiagnostics(), registry, nil)
    try reader.readListeners()
    let listeners = reader.listeners
    state.withLock { $0.listeners = listeners }
    let thread = Thread { self.run() }
    thread.name = "owners"
    thread.start()
  }

  func stop() {
    state.withLock { $0.stops = true }
    orders.signal()
  }

  var listeners: Listeners { state.withLock { $0.listeners } }

  func ask(_ ends: [UnownedEnd]) {
    state.withLock { state in
      state.questions += ends.prefix(max(Self.questionLimit - state.questions.count, 0))
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
    while !isStopping {
      do {
        var reader = OwnerReader(try SocketDiagnostics(), registry, processes)
        while waitForQuestions(until: reader.nextLook ?? MonotonicClock.now() + Self.longestWait) {
          try reader.lookAgain(at: MonotonicClock.now())
          let questions = takeQuestions()
          if !questions.isEmpty { try answer(questions, with: &reader) }
        }
      } catch {
        logger.warning("\(error): who holds some new sockets is not known; trying again")
        Thread.sleep(forTimeInterval: Self.pauseAfterFailure)
      }
    }
  }

  private var isStopping: Bool { state.withLock { $0.stops } }

  /// Waits for questions, though no longer than until then.
  ///
  /// - Returns: false when it is time to stop.
  private func waitForQuestions(until end: Instant) -> Bool {
    while true {
      let (hasQuestions, stops) = state.withLock { (!$0.questions.isEmpty, $0.stops) }
      if stops { return false }
      let left = end - MonotonicClock.now()
      if hasQuestions || left <= .zero { return true }
      var poller = Poller()
      _ = poller.add(orders.fileDescriptor)
      poller.wait(timeout: left)
      orders.drain()
    }
  }

  private func takeQuestions() -> [UnownedEnd] {
    state.withLock { state in
      defer { state.questions = [] }
      return state.questions
    }
  }

  private func answer(_ questions: [UnownedEnd], with reader: inout OwnerReader) throws(SystemError) {
    let answers = try reader.answer(questions)
    let listeners = reader.listeners
    state.withLock { state in
      state.answers += answers
      state.listeners = listeners
    }
    worker.signal()
  }
}
