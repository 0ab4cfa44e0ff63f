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

  var isSpent: Bool { asked >= limit }

  /// Begins a new second when the last is over.
  mutating func renew(at now: Instant) {
    guard second.map({ now - $0 >= Self.span }) ?? true else { return }
    second = now
    asked = 0
  }

  mutating func spend() { asked += 1 }
}
