internal import PacketDecoding

/// Frames on their way from the one who reads them to those who take a share of their connections each, and what these
/// say of them. One thread at a time may touch a part of it, and takes it out for that: what is asked of an object is
/// checked for others' use at each access.
package final class FrameBlock: @unchecked Sendable {
  var content = BlockContent()
  let shares: [Share]

  /// What one share has of it.
  final class Share {
    /// What came of its frames.
    var strand = EventStrand()
  }

  package init(shares: Int) {
    self.shares = (0..<shares).map { _ in Share() }
  }

  // What is on its way should be in the caches when it gets there.
  private static let frameLimit = 2048
  private static let octetLimit = 512 << 10

  package var isEmpty: Bool { content.count == 0 }
  package var isFull: Bool { content.count >= Self.frameLimit || content.octetCount >= Self.octetLimit }

  package func clear() { content.clear() }
}

/// What is known of all frames of a block.
struct BlockContent: ~Copyable {
  private var frames = SharedFrames()
  private(set) var owners = FrameOwners()
  /// Engine time at the first frames, which never goes back; at those after them it is what their packets say.
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

  var count: Int { frames.count }
  var octetCount: Int { frames.octetCount }

  /// The time at each frame is what its packet says.
  var isInOrder: Bool { moments.isEmpty }

  func moment(at number: Int) -> Instant {
    number < moments.count ? moments[number] : packetTime(at: number)
  }

  private func packetTime(at number: Int) -> Instant {
    Instant(nanoseconds: frames[number].info.timestamp.nanoseconds)
  }

  /// Adds frames that were read together, with the times that their packets say.
  ///
  /// - Returns: the number of the first.
  mutating func add(_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Int {
    let first = count
    self.frames.add(octets, frames)
    owners.makeRoom(for: count)
    handovers.append(UInt32(count))
    return first
  }

  /// The time at a frame is another. In order.
  mutating func set(_ moment: Instant, at number: Int) {
    guard packetTime(at: number) != moment else { return }
    while moments.count < number { moments.append(packetTime(at: moments.count)) }
    moments.append(moment)
  }

  mutating func withOwners(_ body: (inout MutableSpan<FrameOwner>) -> Void) { owners.withMutable(body) }

  func withFrames(_ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Void) { frames.withFrames(body) }

  @inline(__always)
  func forEachFrame(of share: Int, _ body: (_ number: Int, _ frame: FrameRecord) -> Void) {
    frames.withFrames { _, frames in
      owners.forEach(of: share, before: frames.count) { body($0, frames[$0]) }
    }
  }

  mutating func clear() {
    frames.clear()
    moments.removeAll(keepingCapacity: true)
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
  }
}
