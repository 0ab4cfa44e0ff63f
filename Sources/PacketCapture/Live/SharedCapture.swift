package import PacketDecoding
internal import Synchronization

/// A capture that one thread reads from while another asks for its counters or changes its filter. Each waits for the
/// other no longer than a read takes.
///
/// Sendable because it is touched with the lock held alone. (A mutex that owns the capture would not lend it to a closure
/// of a caller's.)
package final class SharedCapture: @unchecked Sendable {
  /// Becomes readable when frames are ready, or when the interface fails.
  package let fileDescriptor: Int32
  private let lock = Mutex(())
  private var capture: LiveCapture

  package init(_ capture: consuming sending LiveCapture) {
    fileDescriptor = capture.fileDescriptor
    self.capture = capture
  }

  /// See `LiveCapture.dispatch`.
  ///
  /// - Parameter finish: is called when all frames have been handed over, before anybody can change the filter.
  package func dispatch(
    limit: Int,
    _ body: FramesHandler,
    then finish: () -> Void = {}
  ) throws(CaptureError) -> Int {
    try lock.withLock { _ throws(CaptureError) in
      defer { finish() }
      return try capture.dispatch(limit: limit, body)
    }
  }

  package func setFilter(_ filter: CaptureFilter, at now: Timestamp) throws(CaptureError) {
    try lock.withLock { _ throws(CaptureError) in try capture.setFilter(filter, at: now) }
  }

  /// Frames that were captured before are not handed over.
  package func passOver(before time: Timestamp) { lock.withLock { _ in capture.beginning = time } }

  package func statistics() -> CaptureStatistics { lock.withLock { _ in capture.statistics() } }

  package var filterDescription: String { lock.withLock { _ in capture.filterDescription } }
}
