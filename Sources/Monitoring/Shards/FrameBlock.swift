internal import PacketDecoding

/// Frames on their way from the one who reads them to those who take a share of their connections each, and what these
/// say of them. One thread at a time may touch a part of it, and takes it out for that: what is asked of an object is
/// checked for others' use at each access.
package final class FrameBlock: @unchecked Sendable {
  var content = BlockContent()
  var parcels: FrameParcels
  let shares: [Share]

  /// What one share has of it.
  final class Share {
    /// What came of its frames.
    var strand = EventStrand()
  }

  package init(shares: Int) {
    parcels = FrameParcels(shares: shares)
    self.shares = (0..<shares).map { _ in Share() }
  }

  // What is on its way should be in the caches when it gets there; but each block wakes all threads that wait for it.
  private static let frameLimit = 4096
  private static let octetLimit = 1 << 20

  package var frameCount: Int { content.count }
  package var isEmpty: Bool { content.count == 0 }
  package var isFull: Bool { content.count >= Self.frameLimit || content.octets >= Self.octetLimit }

  package func clear() {
    content.clear()
    parcels.clear()
  }
}

/// What is known of all frames of a block.
struct BlockContent {
  /// How many frames there are: the lists are as long as they were for any block.
  private(set) var count = 0
  private(set) var octets = 0
  /// Engine time at each frame, which never goes back.
  private(set) var moments: [Instant] = []
  /// Which frames hold a segment.
  var segments: [Bool] = []
  var ticks: [Tick] = []
  var decoders: [FrameDecoder] = []
  /// The frames so far that were handed over together: what left by then was taken by then.
  private(set) var handovers: [UInt32] = []
  /// The time at each frame is what its packet says.
  private(set) var isInOrder = true

  /// Where a sample is due.
  struct Tick {
    var frame: UInt32
    /// Nil for the first, which finds nothing.
    var due: Instant?
    var now: Instant

    /// The moments at which deadlines are met and samples taken, with the step of each.
    func forEachMoment(_ body: (UInt8, Instant) -> Void) {
      guard let due else { return }
      var (moment, step) = (due, ShardEvent.Step.gap)
      while moment < now, step <= Self.busyPartOfGap {
        body(step, moment)
        moment = moment + Seconds(1)
        step += 1
      }
      body(ShardEvent.Step.tick, now)
    }

    /// See `Monitor`: all TIME_WAITs have run out after so many seconds.
    private static let busyPartOfGap: UInt8 = 62
  }

  /// Makes room for frames that were read together, with the times that their packets say.
  ///
  /// - Returns: the number of the first.
  mutating func add(_ frames: Span<FrameRecord>) -> Int {
    let first = count
    count += frames.count
    if moments.count < count {
      let more = count - moments.count
      moments += Array(repeating: Instant(nanoseconds: 0), count: more)
      segments += Array(repeating: false, count: more)
    }
    var moments = self.moments.mutableSpan
    var sum = 0
    for index in frames.indices {
      moments[first + index] = Instant(nanoseconds: frames[index].info.timestamp.nanoseconds)
      sum += frames[index].range.count
    }
    octets += sum
    handovers.append(UInt32(count))
    return first
  }

  /// The time at a frame is another.
  mutating func set(_ moment: Instant, at number: Int) {
    guard moments[number] != moment else { return }
    moments[number] = moment
    isInOrder = false
  }

  mutating func clear() {
    (count, octets) = (0, 0)
    isInOrder = true
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
  }
}
