import PacketDecoding
import Testing

@testable import CloseDiagnosis

/// Against the plainest way: a look at each of the newest 64 for each of them.
@Suite struct RecentSpansTests {
  private func spans(_ seconds: [Double]) -> RecentSpans {
    var spans = RecentSpans()
    for value in seconds { spans.add(Seconds(nanoseconds: Int64(value * 1e9))) }
    return spans
  }

  @Test(
    arguments: [
      ([], nil, 0),
      ([5, 5, 5, 5], nil, 0),
      ([5, 5, 5, 5, 5], 5, 5),
      ([4.5, 4.75, 5, 5.25, 5.5], 5, 5),
      ([4, 4.25, 5, 5.75, 6], nil, 0),
      ([60, 1, 60, 2, 60.5, 3, 59.75, 4, 60, 300], 60, 5),
      ([0, 0, 0, 0, 0, 0], 0, 6),
      (Array(repeating: 5, count: 64) + Array(repeating: 9, count: 60), 9, 60),
      (Array(repeating: 5, count: 64) + Array(repeating: 9, count: 70), 9, 64),
    ] as [([Double], Double?, Int)]
  )
  func mode(_ values: [Double], _ expected: Double?, _ samples: Int) {
    let mode = spans(values).mode
    #expect(mode?.value == expected.map { Seconds(nanoseconds: Int64($0 * 1e9)) })
    #expect(mode?.samples ?? 0 == samples)
  }

  @Test func countsWhatALookAtEachCounts() {
    var random = SystemRandomNumberGenerator()
    var spans = RecentSpans()
    var all: [Seconds] = []
    for _ in 0..<500 {
      let value = Seconds(nanoseconds: Int64.random(in: 0..<20_000_000_000, using: &random) / 250_000_000 * 250_000_000)
      spans.add(value)
      all.append(value)
      let newest = all.suffix(64)
      let spread = Seconds(nanoseconds: 1_000_000_000)
      let asked = Seconds(nanoseconds: Int64.random(in: 0..<20_000_000_000, using: &random))
      #expect(spans.count == newest.count)
      #expect(spans.count(near: asked, within: spread) == newest.count { ($0 - asked).magnitude <= spread })
    }
  }
}
