import PacketDecoding
import Testing

@testable import Monitoring

@Suite struct FigureHistoryTests {
  private func sample(_ second: Int, _ local: Int) -> FigureSample {
    var sample = FigureSample(time: Timestamp(nanoseconds: Int64(second) * 1_000_000_000))
    sample.local = local
    return sample
  }

  @Test func secondsAreKeptAsTheyWereAndMinutesByTheirHighest() {
    var history = FigureHistory()
    for second in 0..<180 { history.add(sample(second, second == 70 ? 500 : second)) }
    #expect(history.seconds.count == 180)
    #expect(history.minutes.map(\.local) == [59, 500, 179])
  }

  @Test func neverMoreThanADay() {
    var history = FigureHistory()
    for minute in 0..<3000 { history.add(sample(minute * 60, minute)) }
    #expect(history.minutes.count == FigureHistory.keptMinutes)
    #expect(history.minutes.last?.local == 2999)
    #expect(history.seconds.count == FigureHistory.keptSeconds)
  }

  @Test(arguments: [(60, 1, 61), (900, 1, 900), (901, 60, 16), (3600, 60, 61), (86_400, 60, 84)])
  func spanChoosesTheStep(_ span: Int, _ step: Int, _ count: Int) {
    var history = FigureHistory()
    for second in 0..<5000 { history.add(sample(second, 1)) }
    let found = history.samples(of: Seconds(Int64(span)))
    #expect(found.step == step)
    #expect(found.samples.count == count)
  }

  @Test func nothingYetIsNothing() {
    #expect(FigureHistory().samples(of: Seconds(60)).samples.isEmpty)
  }
}
