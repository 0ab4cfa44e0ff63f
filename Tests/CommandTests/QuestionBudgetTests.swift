import PacketDecoding
import Testing

@testable import Daemon

@Suite struct QuestionBudgetTests {
  @Test func soManyMayBeAskedInASecond() {
    var budget = QuestionBudget(limit: 2)
    // Milliseconds, whether it must be asked, and whether it may.
    let questions: [(Int64, Bool, Bool)] = [
      (5000, false, true), (5100, false, true), (5200, false, false),
      (5300, true, true), (5999, false, false),
      (6000, true, true), (6000, true, true), (6000, true, true), (6999, false, false),
      (9000, false, true),
    ]
    for (time, must, may) in questions {
      #expect(budget.spend(at: Instant(nanoseconds: time * 1_000_000), must: must) == may, "at \(time) ms")
    }
  }
}
