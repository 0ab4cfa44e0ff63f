internal import ConnectionTracking

/// Where something stands among others: by the first figure, then by the second, the greater first; of equals the first
/// goes first.
struct Rank: Sendable {
  var first: Int
  var second: Int

  init(_ first: Int, _ second: Int = 0) {
    self.first = first
    self.second = second
  }
}

extension Array {
  /// The first `limit` by rank of those that have one. Accounts are large, and this is done each second: only those that
  /// are chosen are copied.
  func ranked(limit: Int = .max, by rank: (borrowing Element) -> Rank?) -> [Element] {
    let span = span
    return Ranking.best(limit, of: span.indices) { rank(span[$0]) }.map { self[$0] }
  }
}

extension NumberedMemory {
  /// The same.
  func ranked(limit: Int = .max, by rank: (borrowing Value) -> Rank?) -> [Value] {
    Ranking.best(limit, of: indices) { rank(self[$0]) }.map { self[$0] }
  }
}

/// The best of many by number: a heap with the worst of them on top.
private struct Ranking {
  struct Place {
    var rank: Rank
    var number: Int

    func precedes(_ other: Place) -> Bool {
      if rank.first != other.rank.first { return rank.first > other.rank.first }
      return rank.second != other.rank.second ? rank.second > other.rank.second : number < other.number
    }
  }

  private var places: [Place] = []
  private let limit: Int

  /// The numbers of the best, best first.
  static func best(_ limit: Int, of numbers: Range<Int>, _ rank: (Int) -> Rank?) -> [Int] {
    var chosen = Ranking(limit: limit)
    for number in numbers {
      if let rank = rank(number) { chosen.add(Place(rank: rank, number: number)) }
    }
    return chosen.places.sorted { $0.precedes($1) }.map(\.number)
  }

  init(limit: Int) {
    self.limit = limit
  }

  mutating func add(_ place: Place) {
    guard places.count >= limit else {
      places.append(place)
      if places.count == limit { arrange() }
      return
    }
    guard let worst = places.first, place.precedes(worst) else { return }
    places[0] = place
    sink(0)
  }

  private mutating func arrange() {
    for place in stride(from: places.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var lower = place
      for child in [2 * place + 1, 2 * place + 2] where child < places.count {
        if places[lower].precedes(places[child]) { lower = child }
      }
      guard lower != place else { return }
      places.swapAt(place, lower)
      place = lower
    }
  }
}
