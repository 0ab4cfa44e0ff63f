import HTTPPosting
import Testing

@Suite("When to try again")
struct RetryTests {
  @Test(
    arguments: [
      // Failures before, what the server asked for, chance, seconds.
      (0, nil, 0, 0.5), (0, nil, 1, 1), (1, nil, 1, 2), (2, nil, 0, 2), (2, nil, 1, 4), (5, nil, 1, 32),
      (6, nil, 1, 60),
      (6, nil, 0, 30), (60, nil, 1, 60), (0, 20, 1, 20), (6, 20, 1, 60), (0, 0, 1, 1), (0, 86_400, 1, 300),
    ] as [(Int, Double?, Double, Double)]
  )
  func pauses(_ failures: Int, _ asked: Double?, _ chance: Double, _ seconds: Double) {
    var plan = RetryPlan()
    for _ in 0..<failures { _ = plan.nextPause() }
    #expect(plan.nextPause(asked: asked, chance: chance) == seconds)
    plan.succeed()
    #expect(plan.nextPause(chance: 1) == 1)
  }

  @Test(
    arguments: [
      (200, .taken), (202, .taken), (204, .taken),
      (301, .refused("HTTP 301: redirections are not followed")), (400, .refused("HTTP 400")),
      (401, .refused("HTTP 401")), (404, .refused("HTTP 404")), (410, .refused("HTTP 410")),
      (408, .failed("HTTP 408", retryAfter: 7)), (425, .failed("HTTP 425", retryAfter: 7)),
      (429, .failed("HTTP 429", retryAfter: 7)), (500, .failed("HTTP 500", retryAfter: 7)),
      (503, .failed("HTTP 503", retryAfter: 7)), (599, .failed("HTTP 599", retryAfter: 7)),
    ] as [(Int, PostOutcome)]
  )
  func answers(_ status: Int, _ outcome: PostOutcome) {
    #expect(PostOutcome(PostAnswer(status: status, retryAfter: 7), temporary: [408, 425, 429]) == outcome)
  }

  /// What is temporary for one protocol is for good in another.
  @Test(arguments: [(408, PostOutcome.refused("HTTP 408")), (429, .failed("HTTP 429")), (500, .failed("HTTP 500"))])
  func fewerAreTemporary(_ status: Int, _ outcome: PostOutcome) {
    #expect(PostOutcome(PostAnswer(status: status), temporary: [429]) == outcome)
  }
}
