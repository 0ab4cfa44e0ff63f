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

  private let inquiry: Inquiry<Question, Answer>
  private let failure = Mutex<SystemError?>(nil)

  private static let longestWait = Seconds(3600)
  /// Looking takes at most a tenth of the time.
  private static let rest: Int64 = 9
  private static let longestRest = Seconds(1)

  /// Starts the thread. Call it before privileges are given up.
  ///
  /// - Parameter worker: is signalled when there are answers.
  init(worker: EventFD) throws(SystemError) {
    inquiry = try Inquiry(worker: worker)
    let ready = DispatchSemaphore(value: 0)
    let thread = Thread { [self] in
      do throws(SystemError) { try Privileges.keepOnlyProcesses() } catch { failure.withLock { $0 = error } }
      ready.signal()
      run()
    }
    thread.name = "processes"
    thread.start()
    ready.wait()
    if let failure = failure.withLock({ $0 }) {
      stop()
      throw failure
    }
  }

  func stop() { inquiry.stop() }

  func ask(_ questions: [Question]) { inquiry.ask(questions) }

  func takeAnswers() -> [Answer] { inquiry.takeAnswers() }

  // MARK: The thread

  private func run() {
    var finder = ProcessFinder()
    while let questions = inquiry.questions(until: MonotonicClock.now() + Self.longestWait) {
      let began = MonotonicClock.now()
      let answers = finder.answer(questions, at: began)
      inquiry.answer(answers)
      let took = MonotonicClock.now() - began
      let pause = min(Seconds(nanoseconds: took.nanoseconds * Self.rest), Self.longestRest)
      Thread.sleep(forTimeInterval: pause.value)
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
