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

  private let inquiry: Inquiry<UnownedEnd, Answer>
  private let listening = Mutex(Listeners())
  private let registry: OwnerRegistry
  private let processes: ProcessWatch?
  private let logger: Logger

  private static let longestWait = Seconds(3600)
  private static let pauseAfterFailure = 1.0

  /// - Parameter worker: is signalled when there are answers.
  init(
    registry: OwnerRegistry,
    processes: ProcessWatch?,
    worker: EventFD,
    logger: Logger
  ) throws(SystemError) {
    inquiry = try Inquiry(worker: worker)
    self.registry = registry
    self.processes = processes
    self.logger = logger
  }

  // MARK: The worker's side

  /// Learns who listens before anything else, so that the first connections have owners too.
  func start() throws(SystemError) {
    var reader = OwnerReader(try SocketDiagnostics(), registry, nil)
    try reader.readListeners()
    let listeners = reader.listeners
    listening.withLock { $0 = listeners }
    let thread = Thread { self.run() }
    thread.name = "owners"
    thread.start()
  }

  func stop() { inquiry.stop() }

  var listeners: Listeners { listening.withLock { $0 } }

  func ask(_ ends: [UnownedEnd]) { inquiry.ask(ends) }

  func takeAnswers() -> [Answer] { inquiry.takeAnswers() }

  // MARK: The thread

  private func run() {
    while !inquiry.isStopping {
      do {
        var reader = OwnerReader(try SocketDiagnostics(), registry, processes)
        while let questions = inquiry.questions(until: reader.nextLook ?? MonotonicClock.now() + Self.longestWait) {
          try reader.lookAgain(at: MonotonicClock.now())
          if !questions.isEmpty { try answer(questions, with: &reader) }
        }
      } catch {
        logger.warning("\(error): who holds some new sockets is not known; trying again")
        Thread.sleep(forTimeInterval: Self.pauseAfterFailure)
      }
    }
  }

  private func answer(_ questions: [UnownedEnd], with reader: inout OwnerReader) throws(SystemError) {
    let answers = try reader.answer(questions)
    let listeners = reader.listeners
    listening.withLock { $0 = listeners }
    inquiry.answer(answers)
  }
}
