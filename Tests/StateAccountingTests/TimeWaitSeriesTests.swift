import PacketDecoding
import StateAccounting
import Testing

@Suite struct TimeWaitSeriesTests {
  private func series(_ seconds: Int, limit: Int, _ value: (Int) -> Int) -> TimeWaitSeries {
    var series = TimeWaitSeries(limit: limit)
    for second in 0..<seconds {
      series.add(.init(at: Instant(nanoseconds: Int64(second) * 1_000_000_000), client: value(second), server: second))
    }
    return series
  }

  @Test func keepsAllWhileThereIsRoom() {
    #expect(series(100, limit: 100) { $0 }.samples.map(\.client) == Array(0..<100))
  }

  /// However long it goes on, it stays small, begins at the beginning and keeps each peak.
  @Test(arguments: [101, 1000, 12_345])
  func isBoundedAndKeepsPeaks(seconds: Int) {
    let samples = series(seconds, limit: 100) { $0 == seconds / 3 ? 999 : 1 }.samples
    #expect((25...100).contains(samples.count))
    #expect(samples.map(\.client).max() == 999 && samples.first?.at.nanoseconds == 0)
    #expect(samples.map(\.server).max() == seconds - 1)
    #expect(zip(samples, samples.dropFirst()).allSatisfy { $0.at < $1.at })
  }

  @Test func samplesOfOneSecondAreOne() {
    var series = TimeWaitSeries()
    for (nanoseconds, count) in [(5, 1), (999_999_999, 7), (1_000_000_004, 3)] as [(Int64, Int)] {
      series.add(.init(at: Instant(nanoseconds: nanoseconds), client: count, server: 0))
    }
    #expect(series.samples.map(\.client) == [7])
  }
}
