internal import KernelSockets
internal import PacketCapture
internal import PacketDecoding
internal import Synchronization

/// The way from one reader of interfaces to the worker: parcels of frames, in order, and no more than it has room for.
/// While it is full, frames wait in the kernel's ring, which counts what it drops.
final class FrameLane: Sendable {
  /// A capture that the reader reads from.
  struct Feed: Sendable {
    let capture: SharedCapture
    /// Of the interface.
    let number: UInt8
    let decoder: FrameDecoder
    /// Frames of a parcel, about.
    let limit: Int
  }

  /// What the worker takes.
  struct Load {
    var parcels: [FrameParcel] = []
    var failures: [(feed: Feed, error: CaptureError)] = []
    /// Nothing but this is on its way: the reader waits for frames.
    var isAll = true
  }

  private struct State {
    var load = Load()
    /// Octets of the parcels in it.
    var size = 0
    /// Empty ones, with memory.
    var spare: [FrameParcel] = []
    var feeds: [Feed] = []
    var isReading = false
    /// The reader was told that there is no room.
    var isFull = false
    var stops = false
  }

  /// In octets. The last parcel may go beyond it.
  private let room: Int
  private let state = Mutex(State())
  private let arrivals: EventFD
  /// Ends the reader's waiting.
  let wakeup: EventFD

  static let usualRoom = 4 << 20

  /// - Parameter arrivals: is signalled when there is something to take.
  init(arrivals: EventFD, room: Int = usualRoom) throws(SystemError) {
    self.arrivals = arrivals
    self.room = room
    wakeup = try EventFD()
  }

  // MARK: For the reader

  /// What to read from; empty while there is no room, nil when it is time to end.
  func feeds() -> [Feed]? {
    state.withLock { state in
      guard !state.stops else { return nil }
      state.isFull = state.size >= room
      return state.isFull ? [] : state.feeds
    }
  }

  /// From here on frames may be neither in the ring nor in the lane.
  func beginReading() { state.withLock { $0.isReading = true } }

  func endReading() { state.withLock { $0.isReading = false } }

  func emptyParcel() -> FrameParcel { state.withLock { $0.spare.popLast() } ?? FrameParcel() }

  func put(_ parcel: FrameParcel) {
    let wasEmpty = state.withLock { state in
      state.size += parcel.size
      state.load.parcels.append(parcel)
      return state.load.parcels.count == 1
    }
    if wasEmpty { arrivals.signal() }
  }

  func fail(_ feed: Feed, _ error: CaptureError) {
    state.withLock { state in
      state.feeds.removeAll { $0.capture === feed.capture }
      state.load.failures.append((feed, error))
    }
    arrivals.signal()
  }

  // MARK: For the worker

  func read(from feeds: [Feed]) {
    state.withLock { $0.feeds = feeds }
    wakeup.signal()
  }

  func take() -> Load {
    let (load, wasFull) = state.withLock { state in
      defer { (state.load, state.size, state.isFull) = (Load(), 0, false) }
      state.load.isAll = !state.isReading
      return (state.load, state.isFull)
    }
    if wasFull { wakeup.signal() }
    return load
  }

  /// What is kept of memory for the parcels to come.
  private static let spareParcels = 16

  func giveBack(_ parcels: [FrameParcel]) {
    state.withLock { state in
      state.spare.append(contentsOf: parcels.prefix(max(0, Self.spareParcels - state.spare.count)))
    }
  }

  func stop() {
    state.withLock { $0.stops = true }
    wakeup.signal()
  }
}
