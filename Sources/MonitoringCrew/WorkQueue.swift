internal import Dispatch
internal import Synchronization

/// From one thread to another, in order. The end is nil.
final class WorkQueue<Work: Sendable>: Sendable {
  private let works = Mutex<[Work?]>([])
  private let count = DispatchSemaphore(value: 0)

  func add(_ work: Work?) {
    works.withLock { $0.append(work) }
    count.signal()
  }

  /// Waits for it.
  func next() -> Work? {
    count.wait()
    return works.withLock { $0.removeFirst() }
  }
}
