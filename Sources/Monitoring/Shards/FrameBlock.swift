internal import PacketDecoding

/// Frames on their way from the one who reads them to those who take a share of their connections each, and what these
/// say of them. One thread at a time may touch a part of it, and takes it out for that: what is asked of an object is
/// checked for others' use at each access.
package final class FrameBlock: @unchecked Sendable {
  var content = BlockContent()
  var shares: BlockShares
  let told: [Told]

  /// What came of one share's frames.
  final class Told {
    var events: EventRecorder
    init(hearsOfLeaving: Bool) { events = EventRecorder(hearsOfLeaving: hearsOfLeaving) }
  }

  package init(shares: Int, hearsOfLeaving: Bool) {
    self.shares = BlockShares(count: shares)
    told = (0..<shares).map { _ in Told(hearsOfLeaving: hearsOfLeaving) }
  }

  private static let frameLimit = 8192
  private static let octetLimit = 2 << 20

  package var isEmpty: Bool { content.frames.isEmpty }
  package var isFull: Bool { content.frames.count >= Self.frameLimit || content.octets.count >= Self.octetLimit }

  package func clear() { content.clear() }
}

/// Frames as they were read.
struct BlockContent {
  var octets: [UInt8] = []
  var frames: [FrameRecord] = []
  /// Engine time, which never goes back.
  var moments: [Instant] = []
  var ticks: [Tick] = []
  var decoders: [FrameDecoder] = []
  /// The frames so far that were handed over together: what left by then was taken by then.
  var handovers: [UInt32] = []

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

  /// Copies octets among which frames lie, in their order.
  ///
  /// - Returns: by how much they lie further on now.
  mutating func append(_ octets: RawSpan, around frames: Span<FrameRecord>) -> Int {
    guard !frames.isEmpty else { return 0 }
    let (begin, end) = (frames[0].range.lowerBound, frames[frames.count - 1].range.upperBound)
    let distance = self.octets.count - begin
    unsafe octets.extracting(begin..<max(begin, end)).withUnsafeBytes { unsafe self.octets.append(contentsOf: $0) }
    return distance
  }

  mutating func clear() {
    octets.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    moments.removeAll(keepingCapacity: true)
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
  }
}

/// What frames are, and whose.
struct BlockShares {
  var kinds: [Kind] = []
  /// By share, the numbers of its frames.
  var own: [[UInt32]]

  enum Kind: UInt8 {
    case segment, icmpError, other
  }

  init(count: Int) { own = Array(repeating: [], count: count) }

  mutating func clear() {
    kinds.removeAll(keepingCapacity: true)
    for share in own.indices { own[share].removeAll(keepingCapacity: true) }
  }
}
