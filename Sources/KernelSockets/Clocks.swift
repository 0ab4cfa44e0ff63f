internal import Glibc
package import PacketDecoding

/// CLOCK_MONOTONIC: the engine's time, which no clock step touches.
package enum MonotonicClock {
  package static func now() -> Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }
}

/// CLOCK_REALTIME: what packets and readers are told.
package enum WallClock {
  package static func now() -> Timestamp { Timestamp(nanoseconds: read(CLOCK_REALTIME)) }
}

/// Neither clock can fail: both always exist, and the destination is ours.
private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  _ = unsafe clock_gettime(clock, &time)
  return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
