import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

/// A series of values, one a second, and what the rule makes of it: `.` nothing, `p` pending, `F` fires, `f` firing, `C`
/// clears. `?` is a second without a reading.
struct Series: CustomTestStringConvertible, Sendable {
  let story: String
  let values: [Int?]
  let expected: String
  var hold: Int64 = 2
  var keep: Int64 = 2

  var testDescription: String { story }
}

@Suite("What a series of values makes of a rule that raises at 300 and clears below 240")
struct TransitionTests {
  @Test(arguments: [
    Series(story: "stays below", values: [0, 299, 299, 0], expected: "...."),
    Series(story: "fires after the hold", values: [300, 300, 300, 300], expected: "ppFf"),
    Series(story: "fires at once without a hold", values: [300, 300], expected: "Ff", hold: 0),
    Series(story: "a short peak is no alert", values: [300, 400, 299, 300], expected: "pp.p"),
    Series(story: "between the thresholds neither fires", values: [250, 299, 250], expected: "..."),
    Series(story: "nor clears", values: [300, 299, 240, 240, 240], expected: "Fffff", hold: 0),
    Series(story: "clears after the keep", values: [300, 239, 239, 239, 239], expected: "FffC.", hold: 0),
    Series(story: "clears at once without a keep", values: [300, 239], expected: "FC", hold: 0, keep: 0),
    Series(
      story: "the edge of clear restarts the keep",
      values: [300, 239, 240, 239, 239, 239],
      expected: "FffffC",
      hold: 0
    ),
    Series(story: "flapping is one firing", values: [300, 200, 300, 200, 301, 200, 310], expected: "Fffffff", hold: 0),
    Series(story: "no data resolves nothing", values: [300, nil, nil, nil, nil, 300], expected: "Ffffff", hold: 0),
    Series(story: "no data keeps what is pending", values: [300, nil, nil, 300], expected: "pppF"),
    Series(story: "no data raises nothing", values: [nil, nil], expected: ".."),
    Series(story: "fires again as another one", values: [300, 0, 300], expected: "FCF", hold: 0, keep: 0),
    Series(story: "a huge value is one firing too", values: [Int.max, Int.max], expected: "Ff", hold: 0),
  ])
  func series(_ series: Series) {
    var rule = AlertRule.timeWait
    rule.hold = Seconds(series.hold)
    rule.keepFiringFor = Seconds(series.keep)
    var clock = Clock(rule)
    let seen = series.values.map { value in
      let events = clock.tick(.local(timeWait: value ?? 0), knowsLocal: value != nil)
      return letter(events, clock.evaluator.statuses.filter { $0.state != .resolved })
    }
    #expect(seen.joined() == series.expected)
  }

  private func letter(_ events: [AlertEvent], _ statuses: [AlertStatus]) -> String {
    switch (events.first, statuses.first?.state) {
    case (.fired, _): "F"
    case (.changed, _): "!"
    case (.cleared, _): "C"
    case (nil, .firing): "f"
    case (nil, .pending): "p"
    case (nil, _): "."
    }
  }

  @Test("Every phase and level has an answer, and none but high ever starts one")
  func exhaustive() {
    let now = Instant(nanoseconds: 0)
    for level in AlertLevel.allCases {
      let next = AlertPhase.inactive.next(level, at: now, AlertRule.timeWait.levels[0])
      #expect(next == (level == .high ? .pending(since: now) : .inactive))
    }
  }

  @Test("NaN is no value")
  func notANumber() {
    #expect(AlertLevel(.nan, AlertRule.timeWait.levels[0], .above) == .missing)
  }
}
