internal import KernelSockets
internal import PacketDecoding

/// How long the end may take in all, whoever hangs. Less than two seconds on a machine that is busy with other things.
struct Farewell {
  private let end: Instant

  /// For the capture thread, in which its disks may be slow.
  static let worker = 0.6
  private static let whole = Seconds(nanoseconds: 900_000_000)
  /// Everybody gets so much, however late it is.
  private static let least = Seconds(nanoseconds: 50_000_000)

  init() {
    end = MonotonicClock.now() + Self.whole
  }

  var rest: Seconds { max(end - MonotonicClock.now(), Self.least) }
}
