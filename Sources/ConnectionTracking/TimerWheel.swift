package import PacketDecoding

/// The kernel's long timers fire on a grid: those of a minute are at most a sixteenth or so late (kernel/time/timer.c).
package struct TimerWheel: Hashable, Sendable, BitwiseCopyable {
  /// From one tick to the next.
  package let period: Seconds
  /// When one of the ticks was.
  package let tick: Instant

  package init?(period: Seconds, tick: Instant) {
    guard period > .zero else { return nil }
    self.period = period
    self.tick = tick
  }

  /// The grid of a timer of `span` in a kernel that counts `hertz` jiffies a second: eight times coarser with each
  /// level of the wheel, of which the first holds 63 jiffies and each other eight times the one before.
  package static func period(of span: Seconds, hertz: Int64) -> Seconds? {
    jiffiesPerTick(of: span, hertz: hertz).map { Seconds(nanoseconds: $0 * 1_000_000_000 / hertz) }
  }

  /// The shortest span, but for a millisecond or two, whose timer stands on the same grid as that of `span`.
  package static func shortestSpan(onGridOf span: Seconds, hertz: Int64) -> Seconds? {
    guard let jiffies = jiffiesPerTick(of: span, hertz: hertz) else { return nil }
    return Seconds(nanoseconds: (63 * jiffies / 8 + 1) * 1_000_000_000 / hertz + 1_000_000)
  }

  private static func jiffiesPerTick(of span: Seconds, hertz: Int64) -> Int64? {
    guard (1...10_000).contains(hertz), span > .zero, span <= Seconds(1 << 20) else { return nil }
    let jiffies = span.nanoseconds / 1_000_000 * hertz / 1000
    var level: Int64 = 0
    while jiffies >= 63 << (level * 3) { level += 1 }
    return 1 << (level * 3)
  }

  /// The first tick after `moment`.
  package func firstTick(after moment: Instant) -> Instant {
    let since = moment.nanoseconds &- tick.nanoseconds
    let beyond = ((since % period.nanoseconds) + period.nanoseconds) % period.nanoseconds
    return Instant(nanoseconds: moment.nanoseconds &+ period.nanoseconds &- beyond)
  }
}
