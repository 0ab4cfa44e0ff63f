internal import PacketDecoding

/// Frames on their way from the one who reads them to those who take a share of their connections each, and what these
/// say of them. One thread at a time may touch a part of it.
package final class FrameBlock: @unchecked Sendable {
  var octets: [UInt8] = []
  var frames: [FrameRecord] = []
  /// Engine time, which never goes back, and what the frame is.
  var moments: [Instant] = []
  var kinds: [Kind] = []
  /// By share, the numbers of its frames.
  var own: [[UInt32]]
  var ticks: [Tick] = []
  var decoders: [FrameDecoder] = []
  /// By share, what came of them.
  var told: [EventRecorder]
  /// The frames so far that were handed over together: what left by then was taken by then.
  var handovers: [UInt32] = []

  enum Kind: UInt8 {
    case segment, icmpError, other
  }

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

  package init(shares: Int, hearsOfLeaving: Bool) {
    own = Array(repeating: [], count: shares)
    told = Array(repeating: EventRecorder(hearsOfLeaving: hearsOfLeaving), count: shares)
  }

  private static let frameLimit = 8192
  private static let octetLimit = 2 << 20

  package var isEmpty: Bool { frames.isEmpty }
  package var isFull: Bool { frames.count >= Self.frameLimit || octets.count >= Self.octetLimit }

  func append(_ frame: RawSpan, _ info: FrameInfo) {
    frames.append(
      FrameRecord(
        start: octets.count,
        count: UInt32(truncatingIfNeeded: frame.byteCount),
        nanoseconds: info.timestamp.nanoseconds,
        wireLength: info.wireLength,
        interface: info.interface
      )
    )
    unsafe frame.withUnsafeBytes { unsafe octets.append(contentsOf: $0) }
  }

  package func clear() {
    octets.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    moments.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    ticks.removeAll(keepingCapacity: true)
    handovers.removeAll(keepingCapacity: true)
    for share in own.indices { own[share].removeAll(keepingCapacity: true) }
  }
}
