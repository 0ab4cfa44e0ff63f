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
    var strand = EventStrand()
  }

  package init(shares: Int) {
    self.shares = BlockShares(count: shares)
    told = (0..<shares).map { _ in Told() }
  }

  private static let frameLimit = 8192
  private static let octetLimit = 2 << 20

  package var isEmpty: Bool { content.count == 0 }
  package var isFull: Bool { content.count >= Self.frameLimit || content.octets.count >= Self.octetLimit }

  package func clear() { content.clear() }
}

/// Frames as they were read.
struct BlockContent {
  var octets: [UInt8] = []
  /// How many frames there are: the lists of what is noted of each are as long as they were for any block.
  private(set) var count = 0
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

  /// Makes room for so many frames more.
  ///
  /// - Returns: the number of the first.
  mutating func add(_ more: Int) -> Int {
    defer { count += more }
    if frames.count < count + more {
      frames += Array(repeating: .none, count: count + more - frames.count)
      moments += Array(repeating: Instant(nanoseconds: 0), count: frames.count - moments.count)
    }
    return count
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
    count = 0
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
  }
}

/// What frames are, and whose.
struct BlockShares {
  /// As long as they were for any block.
  private(set) var kinds: [Kind] = []
  /// The numbers of the frames of each share, and how many these are.
  private var own: [[UInt32]]
  private var counts: [Int]

  enum Kind: UInt8 {
    case segment, icmpError, other
  }

  init(count: Int) {
    own = Array(repeating: [], count: count)
    counts = Array(repeating: 0, count: count)
  }

  mutating func clear(frames: Int) {
    for share in own.indices { counts[share] = 0 }
    guard kinds.count < frames else { return }
    kinds = Array(repeating: .other, count: frames)
    for share in own.indices { own[share] = Array(repeating: 0, count: frames) }
  }

  @inline(__always)
  mutating func add(_ number: Int, to share: Int, as kind: Kind) {
    kinds[number] = kind
    own[share][counts[share]] = UInt32(truncatingIfNeeded: number)
    counts[share] += 1
  }

  mutating func addOther(_ number: Int) { kinds[number] = .other }

  func numbers(of share: Int) -> ArraySlice<UInt32> { own[share][..<counts[share]] }
}
