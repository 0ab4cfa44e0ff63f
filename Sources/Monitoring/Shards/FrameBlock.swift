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
  private(set) var octets: [UInt8] = []
  /// How many frames there are: the list is as long as it was for any block.
  private(set) var count = 0
  private(set) var frames: [FrameRecord] = []
  /// Engine time at each frame so far, which never goes back; none while it is what the packets say.
  private var moments: [Instant] = []
  var ticks: [Tick] = []
  var decoders: [FrameDecoder] = []
  /// The frames so far that were handed over together: what left by then was taken by then.
  private(set) var handovers: [UInt32] = []

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

  /// No packet's time is before another's that came earlier.
  var isInOrder: Bool { moments.isEmpty }

  @inline(__always)
  func moment(_ number: Int) -> Instant {
    isInOrder ? Instant(nanoseconds: frames[number].info.timestamp.nanoseconds) : moments[number]
  }

  /// Copies frames that were read together, and the octets among which they lie.
  ///
  /// - Returns: the number of the first.
  mutating func add(_ octets: RawSpan, _ more: Span<FrameRecord>) -> Int {
    let (first, distance) = (count, append(octets, around: more))
    count += more.count
    if frames.count < count { frames += Array(repeating: .none, count: count - frames.count) }
    var places = frames.mutableSpan
    for index in more.indices { places[first + index] = more[index].moved(by: distance) }
    handovers.append(UInt32(count))
    return first
  }

  /// - Returns: by how much the octets lie further on now.
  private mutating func append(_ octets: RawSpan, around frames: Span<FrameRecord>) -> Int {
    guard !frames.isEmpty else { return 0 }
    let (begin, end) = (frames[0].range.lowerBound, frames[frames.count - 1].range.upperBound)
    let distance = self.octets.count - begin
    unsafe octets.extracting(begin..<max(begin, end)).withUnsafeBytes { unsafe self.octets.append(contentsOf: $0) }
    return distance
  }

  /// Notes the time at a frame: from the first on at which it is not what the packet says, that of each.
  mutating func note(_ moment: Instant, at number: Int) {
    guard !isInOrder || moment.nanoseconds != frames[number].info.timestamp.nanoseconds else { return }
    for earlier in moments.count..<number {
      moments.append(Instant(nanoseconds: frames[earlier].info.timestamp.nanoseconds))
    }
    moments.append(moment)
  }

  mutating func clear() {
    octets.removeAll(keepingCapacity: true)
    count = 0
    moments.removeAll(keepingCapacity: true)
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
  }
}
