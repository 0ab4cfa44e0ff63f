internal import Dispatch
internal import Monitoring

/// A block of frames, and how far it is.
final class Job: Sendable {
  let block: FrameBlock
  private let hasSplit = DispatchSemaphore(value: 0)
  private let hasTaken = DispatchSemaphore(value: 0)
  private let shares: Int

  init(shares: Int) {
    block = FrameBlock(shares: shares)
    self.shares = shares
  }

  /// It is known whose its frames are: each share is told.
  func noteSplit() { for _ in 0..<shares { hasSplit.signal() } }
  func awaitSplit() { hasSplit.wait() }
  func noteTaken() { hasTaken.signal() }
  func awaitTaken() { for _ in 0..<shares { hasTaken.wait() } }
}
