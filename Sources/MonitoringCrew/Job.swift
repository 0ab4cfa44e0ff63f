internal import Dispatch
internal import Monitoring
internal import Synchronization

/// A block of frames, and how far it is.
final class Job: Sendable {
  let block: FrameBlock
  private let hasBeenTaken = DispatchSemaphore(value: 0)
  private let shares: Int
  /// That have not taken it.
  private let left: Atomic<Int>

  init(shares: Int) {
    block = FrameBlock(shares: shares)
    self.shares = shares
    left = Atomic(shares)
  }

  /// A share has. Only the last wakes who waits for all.
  func noteTaken() {
    // What all of them wrote is there for who reads after the last.
    guard left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
    left.store(shares, ordering: .relaxed)
    hasBeenTaken.signal()
  }

  func awaitTaken() { hasBeenTaken.wait() }
}
