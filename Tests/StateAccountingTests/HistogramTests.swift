import StateAccounting
import Testing

struct HistogramTests {
  @Test(
    arguments: [
      (values: [UInt64](), mean: nil, half: nil, most: nil),
      (values: [7], mean: 7, half: 7, most: 7),
      (values: [100, 100, 100], mean: 100, half: 100, most: 100),
      (values: Array(1...15), mean: 8, half: 8, most: 15),
      (values: Array(repeating: 1, count: 99) + [50], mean: 1.49, half: 1, most: 1),
      (values: Array(repeating: 0, count: 50) + Array(repeating: 1000, count: 50), mean: 500, half: 0, most: 991.5),
      (values: [.max], mean: 0x1p64, half: nil, most: nil),
    ] as [(values: [UInt64], mean: Double?, half: Double?, most: Double?)]
  )
  func figures(values: [UInt64], mean: Double?, half: Double?, most: Double?) {
    var histogram = LogHistogram()
    for value in values { histogram.add(value) }
    #expect(histogram.mean == mean)
    if values != [.max] {
      #expect(histogram.quantile(0.5) == half)
      #expect(histogram.quantile(0.99) == most)
    }
  }

  @Test
  func nearEveryValue() throws {
    for exponent in 0..<40 {
      for offset in [0, 1, 3, 7] as [UInt64] {
        let value = UInt64(1) << UInt64(exponent) + offset
        var histogram = LogHistogram()
        histogram.add(0)
        histogram.add(value)
        histogram.add(1 << 41)
        let middle = try #require(histogram.quantile(0.5))
        #expect(abs(middle - Double(value)) <= Double(value) / 8, "\(value)")
      }
    }
  }

  @Test(arguments: [0, 7, 8, 1000] as [UInt64])
  func severalAtOnce(value: UInt64) {
    var (once, again) = (LogHistogram(subBits: 6), LogHistogram(subBits: 6))
    var (bounded, boundedAgain) = (BoundedHistogram(bounds: [1, 10]), BoundedHistogram(bounds: [1, 10]))
    for _ in 0..<3 {
      again.add(value)
      boundedAgain.add(value)
    }
    once.add(value, times: 3)
    bounded.add(value, times: 3)
    #expect(once == again)
    #expect(bounded.counts == boundedAgain.counts && bounded.sum == boundedAgain.sum)
  }

  @Test
  func bounds() {
    var histogram = BoundedHistogram(bounds: [1, 10])
    for value in [0, 1, 2, 10, 11] as [UInt64] { histogram.add(value) }
    #expect(histogram.counts == [2, 2, 1])
    #expect(histogram.sum == 24)
  }
}
