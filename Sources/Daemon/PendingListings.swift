internal import KernelSockets
internal import Monitoring
internal import PacketDecoding

/// The listings that a worker is asked for and makes between its batches, one after the other.
struct PendingListings {
  private var waiting: [(listing: Listing, reader: CheckedContinuation<Listing?, Never>)] = []

  /// What a turn may take of the worker's time.
  private static let turn = Seconds(nanoseconds: 1_000_000)
  /// Places that are looked at before the clock is.
  private static let stride = 256

  var isEmpty: Bool { waiting.isEmpty }

  mutating func add(_ listing: Listing, for reader: CheckedContinuation<Listing?, Never>) {
    waiting.append((listing, reader))
  }

  /// Goes on for a turn.
  ///
  /// - Parameters:
  ///   - now: of the engine.
  ///   - time: to be told with the listing.
  mutating func advance(with monitor: borrowing Monitor, at now: Instant, time: Timestamp?, interfaces: [String]) {
    let end = MonotonicClock.now() + Self.turn
    while !waiting.isEmpty {
      if monitor.advance(&waiting[0].listing, by: Self.stride, at: now, interfaces: interfaces) {
        waiting[0].listing.time = time
        let done = waiting.removeFirst()
        done.reader.resume(returning: done.listing)
      }
      if MonotonicClock.now() >= end { return }
    }
  }

  /// Nobody will be answered any more.
  mutating func abandon() {
    for (_, reader) in waiting { reader.resume(returning: nil) }
    waiting = []
  }
}
