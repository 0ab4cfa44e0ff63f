internal import PacketDecoding

/// How many questions may be asked in a second.
struct QuestionBudget {
  private let limit: Int
  private var second: Instant?
  private var asked = 0

  private static let span = Seconds(1)

  init(limit: Int) {
    self.limit = limit
  }

  /// Counts a question.
  ///
  /// - Returns: whether it may be asked, which those that must be are in any case.
  mutating func spend(at now: Instant, must: Bool) -> Bool {
    if second.map({ now - $0 >= Self.span }) ?? true { (second, asked) = (now, 0) }
    guard must || asked < limit else { return false }
    asked += 1
    return true
  }
}
