import PacketDecoding
import Testing

@testable import Daemon

@Suite struct ArrivalClockTests {
  /// The engine knows the time up to 1000, it is 1050, and 5050 on the wall.
  private static func clock() -> ArrivalClock {
    ArrivalClock(
      since: Instant(nanoseconds: 1000),
      at: Instant(nanoseconds: 1050),
      wallClock: Timestamp(nanoseconds: 5050)
    )
  }

  private static func moments(_ captured: [Int64]) -> [Int64] {
    var clock = clock()
    return captured.map { clock.moment(of: Timestamp(nanoseconds: $0)).nanoseconds }
  }

  @Test func aFrameCameAsLongAgoAsItSays() {
    #expect(Self.moments([5010, 5020, 5050]) == [1010, 1020, 1050])
  }

  @Test func timeDoesNotGoBack() {
    // The ring of another interface.
    #expect(Self.moments([5030, 5010, 5040]) == [1030, 1030, 1040])
    // From before the worker looked last.
    #expect(Self.moments([4990]) == [1000])
  }

  @Test("Where the clock of frames was set", arguments: [Int64.min, 0, 5051, .max])
  func aStepMovesNothing(captured: Int64) {
    #expect((1000...1050).contains(Self.moments([captured])[0]))
  }
}
