internal import Dispatch
internal import Foundation
internal import Synchronization

/// A thread that lives in another network namespace, and does there what it is asked to.
///
/// Entering needs CAP_SYS_ADMIN, and happens once: the thread is born inside and gives its privileges up like all others.
/// What it opens later, when an interface comes up, needs no more than CAP_NET_RAW; threads that it starts live inside
/// too.
package final class NamespaceThread: Sendable {
  package let name: String
  /// Two names may be of one namespace.
  package let identity: UInt64

  private struct State {
    var job: Job?
    var failure: SystemError?
  }

  /// Its maker waits until it has run: nothing of it is used by two threads at once.
  private struct Job: @unchecked Sendable {
    let body: () -> Void
  }

  private let state = Mutex(State())
  private let turn = Mutex(())
  private let wanted = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  /// Call it on the only thread that has privileges, before it gives them up.
  package init(enteringNamespace name: String) throws(SystemError) {
    let namespace = try NetworkNamespaces.open(named: name)
    self.name = name
    identity = NetworkNamespaces.identity(namespace)
    let outside = try NetworkNamespaces.current()
    try NetworkNamespaces.enter(namespace, named: name)
    let thread = Thread { [weak self] in self?.run() }
    thread.name = "netns"
    // It is in the namespace that its maker is in now.
    thread.start()
    done.wait()
    try NetworkNamespaces.enter(outside, named: "of this process")
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// The namespace that the caller is in.
  package static func currentIdentity() throws(SystemError) -> UInt64 {
    NetworkNamespaces.identity(try NetworkNamespaces.current())
  }

  /// Runs `body` inside and waits for its end.
  package func perform(_ body: () -> Void) {
    turn.withLock { _ in
      withoutActuallyEscaping(body) { body in
        let job = Job(body: body)
        state.withLock { $0.job = job }
        wanted.signal()
        done.wait()
      }
    }
  }

  private func run() {
    do { try Privileges.apply(nil) } catch { state.withLock { $0.failure = error } }
    done.signal()
    while true {
      wanted.wait()
      runJob()
      done.signal()
    }
  }

  /// When it returns nothing is kept of the job, as its maker relies on.
  private func runJob() {
    let job = state.withLock { state in
      defer { state.job = nil }
      return state.job
    }
    job?.body()
  }
}
