internal import Dispatch
internal import Foundation
internal import Monitoring
internal import ThreadNames

/// What a thread of its own does until it is told to stop.
protocol Worker: ~Copyable, SendableMetatype {
  /// What is said to these is the daemon's own, and in no figure.
  mutating func leaveOut(_ listeners: OwnListeners)
  mutating func run()
}

/// The thread of the one worker. The worker is made before it and belongs to it alone.
struct WorkerThread {
  private let ended = DispatchSemaphore(value: 0)

  init(_ worker: consuming some Worker & ~Copyable, name: String) {
    let seed = Seed(worker)
    let ended = ended
    Thread {
      ThreadName.set(name)
      seed.run()
      ended.signal()
    }.start()
  }

  /// Waits for its end, which must have been asked for; false when it does not come.
  func join(seconds: Double) -> Bool {
    ended.wait(timeout: .now() + seconds) == .success
  }

  /// Hands a worker over: it is never touched by two threads, for who made it has given it away.
  private final class Seed<Kind: Worker & ~Copyable>: @unchecked Sendable {
    private var worker: Kind

    init(_ worker: consuming Kind) {
      self.worker = worker
    }

    func run() { worker.run() }
  }
}
