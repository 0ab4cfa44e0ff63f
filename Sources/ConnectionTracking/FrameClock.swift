package import PacketDecoding

/// The engine's time at each frame of a batch: live it is the same for all, and for a file the packets' own, which then
/// never goes back.
package struct FrameClock: Sendable, BitwiseCopyable {
  package private(set) var now: Instant
  /// Times that packets were further apart than `longestGap`.
  private(set) var jumps = 0
  private let followsPackets: Bool

  /// No network is silent for longer: that is a change of the clock.
  package static let longestGap = Seconds(86_400)

  /// Time that stands still.
  package init(at now: Instant) {
    self.now = now
    followsPackets = false
  }

  /// Packet time.
  package init(since first: Timestamp) {
    now = Instant(nanoseconds: first.nanoseconds)
    followsPackets = true
  }

  @inline(__always)
  mutating func advance(to captured: Timestamp) {
    let time = Instant(nanoseconds: captured.nanoseconds)
    guard time > now, followsPackets else { return }
    if time - now > Self.longestGap { jumps += 1 }
    now = time
  }
}
