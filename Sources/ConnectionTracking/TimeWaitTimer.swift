package import PacketDecoding

/// When the kernel takes a TIME_WAIT out of its table whose 60 seconds are over.
package enum TimeWaitTimer: Hashable, Sendable, BitwiseCopyable {
  /// At once, to the nanosecond.
  case exact
  /// With the next tick of its timer wheel, which is still waited for, and then all at once.
  case waiting(until: Instant)
  case wheel(TimerWheel)

  @inline(__always)
  package func end(ofTimeWaitDueAt moment: Instant) -> Instant {
    switch self {
    case .exact: moment
    case .waiting(let limit): max(moment, limit)
    case .wheel(let wheel): wheel.firstTick(after: moment)
    }
  }
}
