import PacketDecoding
import Testing

@testable import Daemon

/// When the kernel's table is read.
@Suite struct ReadingScheduleTests {
  private static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

  /// After a reading that ended at 100 s and took a processor `cost` seconds, at an interval of 10 s.
  private static func read(cost: Double) -> ReadingSchedule {
    var schedule = ReadingSchedule(now: at(0), interval: Seconds(10))
    schedule.read(at: at(100), cost: Seconds(nanoseconds: Int64(cost * 1e9)), interval: Seconds(10))
    return schedule
  }

  @Test(
    "The interval, unless somebody wants it sooner; fifty times what it took is rest",
    arguments: [
      (0, 100, 110), (0.02, 101, 110), (0.1, 105, 110), (1, 150, 150),
    ]
  )
  func due(cost: Double, wanted: Double, unwanted: Double) {
    let schedule = Self.read(cost: cost)
    for (moment, isWanted) in [(wanted, true), (unwanted, false)] {
      #expect(schedule.isDue(at: Self.at(moment), isWanted: isWanted))
      #expect(!schedule.isDue(at: Self.at(moment - 0.001), isWanted: isWanted))
    }
  }

  @Test func theFirstIsDueWhenItIsWanted() {
    let schedule = ReadingSchedule(now: Self.at(7), interval: Seconds(10))
    #expect(schedule.isDue(at: Self.at(7), isWanted: true) && !schedule.isDue(at: Self.at(16.9), isWanted: false))
    #expect(schedule.isDue(at: Self.at(17), isWanted: false))
  }

  @Test func whileSocketsSkipTimeWaitItIsWanted() {
    var schedule = Self.read(cost: 0.02)
    schedule.counted(at: Self.at(101), overflows: 5)
    #expect(!schedule.isDue(at: Self.at(101), isWanted: false))
    schedule.counted(at: Self.at(102), overflows: 6)
    #expect(schedule.isDue(at: Self.at(102), isWanted: false))
    schedule.counted(at: Self.at(103), overflows: 6)
    #expect(!schedule.isDue(at: Self.at(103), isWanted: false))
  }

  @Test func itIsLookedAtForCountersEachSecond() {
    var schedule = Self.read(cost: 1)
    schedule.counted(at: Self.at(120), overflows: 0)
    #expect(schedule.next(isWanted: false) == Self.at(121))
    #expect(schedule.next(isWanted: true) == Self.at(121))
    schedule.counted(at: Self.at(149.5), overflows: 0)
    #expect(schedule.next(isWanted: true) == Self.at(150))
  }
}
