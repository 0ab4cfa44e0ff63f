internal import Dispatch
internal import Monitoring

/// A block of frames, and how far it is.
final class Job: Sendable {
  let block: FrameBlock
  private let hasTaken = DispatchSemaphore(value: 0)
  private let shares: Int

  init(shares: Int) {
    block = FrameBlock(shares: shares)
    self.shares = shares
  }

  func noteTaken() { hasTaken.signal() }
  func awaitTaken() { for _ in 0..<shares { hasTaken.wait() } }
}
