internal import PacketDecoding

/// When frames came, by the engine's clock: some have been in the ring for a while.
///
/// The engine's time never goes back, and what a frame says of its own is believed no further than that: a step of the
/// clock that frames are stamped by moves nothing out of the time since the worker last looked.
struct ArrivalClock {
  private var earliest: Instant
  private let now: Instant
  private let wallClock: Timestamp

  /// - Parameters:
  ///   - earliest: up to then the engine has been told the time.
  ///   - wallClock: at `now`.
  init(since earliest: Instant, at now: Instant, wallClock: Timestamp) {
    self.earliest = min(earliest, now)
    (self.now, self.wallClock) = (now, wallClock)
  }

  /// - Returns: no earlier moment than the last time.
  mutating func moment(of captured: Timestamp) -> Instant {
    let age = max(wallClock.nanoseconds &- captured.nanoseconds, 0)
    let (moment, isTooEarly) = now.nanoseconds.subtractingReportingOverflow(age)
    if !isTooEarly { earliest = max(earliest, Instant(nanoseconds: moment)) }
    return earliest
  }
}
