import Testing

@testable import StateAccounting

/// The same as to sort all of them and take the first.
@Suite struct RankingTests {
  @Test(arguments: [0, 1, 2, 7, 100, 101, 1000], [1, 2, 100, Int.max])
  func isTheBeginningOfTheSorted(_ count: Int, _ limit: Int) {
    let values = (0..<count).map { (number: $0, rank: ($0 &* 7919) % 37) }
    let sorted = values.filter { $0.number % 5 != 0 }.sorted { $0.rank > $1.rank }.prefix(limit)
    let ranked = values.ranked(limit: limit) { $0.number % 5 != 0 ? Rank($0.rank) : nil }
    #expect(ranked.map(\.number) == sorted.map(\.number))
  }
}
