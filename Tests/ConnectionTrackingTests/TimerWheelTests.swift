import ConnectionTracking
import PacketDecoding
import Testing

@Suite struct TimerWheelTests {
  @Test(
    "A minute's grid by the kernel's jiffies a second (measured: 2.048 s at 250)",
    arguments: [
      (Int64(100), Int64(5_120_000_000)),
      (250, 2_048_000_000),
      (300, 1_706_666_666),
      (1000, 4_096_000_000),
    ]
  )
  func period(hertz: Int64, nanoseconds: Int64) {
    #expect(TimerWheel.period(of: Seconds(60), hertz: hertz) == Seconds(nanoseconds: nanoseconds))
    let span = TimerWheel.shortestSpan(onGridOf: Seconds(60), hertz: hertz)
    #expect(span.flatMap { TimerWheel.period(of: $0, hertz: hertz) } == Seconds(nanoseconds: nanoseconds))
    let shorter = span.map { Seconds(nanoseconds: $0.nanoseconds * 9 / 10) }
    #expect(shorter.flatMap { TimerWheel.period(of: $0, hertz: hertz) } != Seconds(nanoseconds: nanoseconds))
  }

  @Test("Numbers that no kernel has", arguments: [Int64(0), -1, .max, .min])
  func unlikely(hertz: Int64) {
    #expect(TimerWheel.period(of: Seconds(60), hertz: hertz) == nil)
    #expect(TimerWheel.shortestSpan(onGridOf: Seconds(60), hertz: hertz) == nil)
    #expect(TimerWheel(period: .zero, tick: Instant(nanoseconds: 0)) == nil)
  }

  @Test(
    "The tick after a moment, also before the one that was measured",
    arguments: [
      (Int64(100), Int64(200)), (199, 200), (200, 300), (201, 300), (99, 100), (0, 100), (-1, 0), (-250, -200),
    ]
  )
  func firstTick(moment: Int64, tick: Int64) throws {
    let wheel = try #require(TimerWheel(period: Seconds(nanoseconds: 100), tick: Instant(nanoseconds: 500)))
    #expect(wheel.firstTick(after: Instant(nanoseconds: moment)) == Instant(nanoseconds: tick))
  }

  @Test("TIME_WAIT ends at the tick after its minute, also when the wheel is learned meanwhile")
  func timeWait() throws {
    let close = """
      +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
      +0    <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
      +0    >  . 2:2(0) ack 2           TIME_WAIT CLOSED
      +60   .                           TIME_WAIT CLOSED
      +1.86 .                           TIME_WAIT CLOSED
      +0.03 .                           CLOSED CLOSED
      """
    var settings = TrackerSettings(capacity: 10)
    // The script begins at 1 s: TIME_WAIT at 1.12 s, its minute is over at 61.12 s.
    settings.timer = .wheel(try #require(TimerWheel(period: Seconds(3), tick: Instant(nanoseconds: 0))))
    let outcome = try Script().run(Story.handshake + close, settings: settings)
    #expect(outcome.mismatches == [])
  }
}
