internal import Dispatch
internal import Monitoring
internal import Synchronization

/// A block of frames, and how far it is.
final class Job: Sendable {
  let block: FrameBlock
  private let hasBeenTaken = DispatchSemaphore(value: 0)
  private let shares: Int
  /// How long it took to share it out, in nanoseconds, where it is asked for; below 0 where it is not.
  let sharing = Atomic(-1)
  /// The same of taking it, by all shares.
  private let taking = Atomic(0)
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

  /// Runs a share's part of taking it.
  func take(_ body: () -> Void) {
    guard sharing.load(ordering: .relaxed) >= 0 else { return body() }
    let clock = ThreadClock()
    body()
    taking.add(clock.nanoseconds, ordering: .relaxed)
  }

  /// When all have taken it; nil where it is not asked for.
  ///
  /// - Parameter opened: how many connections it has opened.
  func measure(opened: Int) -> Gain.Measure? {
    let sharing = sharing.load(ordering: .relaxed)
    guard sharing >= 0 else { return nil }
    let taking = taking.exchange(0, ordering: .relaxed)
    return Gain.Measure(frames: block.frameCount, opened: opened, sharing: sharing, taking: taking)
  }
}
