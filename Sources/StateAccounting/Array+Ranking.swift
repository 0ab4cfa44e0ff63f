extension Array {
  /// The first `limit` by rank of those that are included. Where many are left out, they are neither sorted nor copied:
  /// accounts are large, and this is done each second.
  func ranked(
    limit: Int = .max,
    where isIncluded: (Element) -> Bool,
    by outranks: (Element, Element) -> Bool
  ) -> [Element] {
    // Of equals the first goes first.
    func precedes(_ number: Int, _ other: Int) -> Bool {
      if outranks(self[number], self[other]) { return true }
      return number < other && !outranks(self[other], self[number])
    }
    var chosen = Ranking(limit: limit)
    for index in indices where isIncluded(self[index]) { chosen.add(index, by: precedes) }
    return chosen.numbers.sorted(by: precedes).map { self[$0] }
  }
}

/// The best of many by number: a heap with the worst of them on top.
private struct Ranking {
  private(set) var numbers: [Int] = []
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  mutating func add(_ number: Int, by outranks: (Int, Int) -> Bool) {
    guard numbers.count >= limit else {
      numbers.append(number)
      if numbers.count == limit { arrange(by: outranks) }
      return
    }
    guard let worst = numbers.first, outranks(number, worst) else { return }
    numbers[0] = number
    sink(0, by: outranks)
  }

  private mutating func arrange(by outranks: (Int, Int) -> Bool) {
    for place in stride(from: numbers.count / 2 - 1, through: 0, by: -1) { sink(place, by: outranks) }
  }

  private mutating func sink(_ start: Int, by outranks: (Int, Int) -> Bool) {
    var place = start
    while true {
      var lower = place
      for child in [2 * place + 1, 2 * place + 2] where child < numbers.count {
        if outranks(numbers[lower], numbers[child]) { lower = child }
      }
      guard lower != place else { return }
      numbers.swapAt(place, lower)
      place = lower
    }
  }
}
