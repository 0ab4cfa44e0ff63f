internal import Glibc
package import PacketDecoding

/// The clock of the engine when it runs live: never set, never back. It stands still while the machine sleeps, as
/// the kernel's TCP timers do.
package enum MonotonicClock {
  package static func now() -> Instant { Instant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC)) }
}

/// The clock that packets are stamped with.
package enum WallClock {
  package static func now() -> Timestamp { Timestamp(nanoseconds: nanoseconds(of: CLOCK_REALTIME)) }
}

/// The time that processors spent on the calling thread, in the kernel too.
package enum ThreadClock {
  package static func now() -> Instant { Instant(nanoseconds: nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)) }
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
  var time = timespec()
  // Cannot fail for these (clock_gettime(2)).
  _ = unsafe clock_gettime(clock, &time)
  return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
