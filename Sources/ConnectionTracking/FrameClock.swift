package import PacketDecoding

/// The engine's time at each frame of a batch: live it is the same for all, and for a file the packets' own, which then
/// never goes back.
package struct FrameClock: Sendable, BitwiseCopyable {
  package private(set) var now: Instant
  /// Times that packets were further apart than `longestGap`.
  private(set) var jumps = 0
  /// Times that a packet was earlier than one before it.
  package private(set) var returns = 0
  /// In nanoseconds: `longestGap`, or none where time stands still.
  private let longestStep: UInt64

  /// No network is silent for longer: that is a change of the clock.
  package static let longestGap = Seconds(86_400)

  /// Time that stands still.
  package init(at now: Instant) {
    self.now = now
    longestStep = 0
  }

  /// Packet time.
  package init(since first: Timestamp) {
    now = Instant(nanoseconds: first.nanoseconds)
    longestStep = UInt64(Self.longestGap.nanoseconds)
  }

  package var followsPackets: Bool { longestStep != 0 }

  @inline(__always)
  mutating func advance(to captured: Timestamp) {
    let time = Instant(nanoseconds: captured.nanoseconds)
    // A step back is longer than any.
    guard _fastPath(UInt64(bitPattern: (time - now).nanoseconds) <= longestStep) else { return step(to: time) }
    now = time
  }

  /// Out of the way of those who go from one packet to the next.
  @inline(never)
  private mutating func step(to time: Instant) {
    guard followsPackets else { return }
    guard time > now else {
      returns += 1
      return
    }
    jumps += 1
    now = time
  }
}
