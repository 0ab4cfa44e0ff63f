import Foundation
import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

/// A rule and a series of values that leads through every state of its alerts.
struct Continuity: CustomTestStringConvertible, Sendable {
  let story: String
  let rule: AlertRule
  let values: [Int?]

  var testDescription: String { story }

  static var all: [Continuity] {
    var flapping = AlertRule.immediate(.timeWait, raise: 300, clear: 240)
    flapping.minInterval = Seconds(6)
    var levels = AlertRule(name: "rule", metric: .timeWait, raise: 300, hold: Seconds(1), keepFiringFor: Seconds(2))
    levels.setLevels([
      AlertThreshold(severity: .warning, raise: 300, clear: 240, hold: Seconds(1), keepFiringFor: Seconds(2)),
      AlertThreshold(severity: .critical, raise: 900, clear: 700, hold: Seconds(2), keepFiringFor: .zero),
    ])
    var below = AlertRule.immediate(.timeWait, by: .service, raise: 10, clear: 20)
    below.direction = .below
    return [
      Continuity(
        story: "one level",
        rule: AlertRule(name: "rule", metric: .timeWait, raise: 300, hold: Seconds(2), keepFiringFor: Seconds(2)),
        values: [0, 300, 310, 320, nil, 250, 239, 245, 239, 200, 0, 0, 400, 0]
      ),
      Continuity(story: "two levels", rule: levels, values: [300, 310, 950, 950, 950, 650, 300, 200, 200, 200, 0]),
      Continuity(story: "an interval", rule: flapping, values: [300, 0, 300, 300, 0, 300, 300, 300, 0, 0]),
      Continuity(story: "below", rule: below, values: [30, 9, 15, 21, 5, 40]),
    ]
  }
}

@Suite("What goes on as if nothing had happened")
struct ContinuityTests {
  /// What was told, with the id, at each second.
  private func told(_ case: Continuity, breakAt second: Int?, _ disturb: (inout Clock) throws -> Void) rethrows
    -> [String]
  {
    var clock = Clock(`case`.rule)
    return try `case`.values.enumerated().map { index, value in
      if index == second { try disturb(&clock) }
      var accounts = Accounts.of([.serving(web, timeWait: value ?? 0)])
      if value == nil { accounts.local = PhaseCounts() }
      let events = clock.tick(accounts, knowsLocal: value != nil)
      let now = clock.evaluator.statuses.filter { $0.state != .resolved }
      let words = events.map { "\($0.status.state) \($0.status.severity) \($0.status.id) \($0.status.summary)" }
      return (words + now.map { "is \($0.state) \($0.severity) \($0.id)" }).joined(separator: "; ")
    }
  }

  private func restart(_ clock: inout Clock) throws {
    let (now, wallClock) = clock.moment
    let file = try JSONEncoder().encode(clock.evaluator.saved(at: now, wallClock: wallClock))
    let rules = clock.evaluator.watches.map(\.rule)
    clock.evaluator = AlertEvaluator(rules: rules)
    // The monotonic clock of another boot says something else.
    clock.second += 1_000_000
    clock.wallClockOffset -= 1_000_000
    let (later, sameTime) = clock.moment
    #expect(sameTime == wallClock)
    clock.evaluator.restore(try JSONDecoder().decode(SavedAlerts.self, from: file), at: later, wallClock: sameTime)
  }

  @Test("A restart at any moment: every alert goes on, under its id", arguments: Continuity.all)
  func restarts(_ case: Continuity) throws {
    let undisturbed = told(`case`, breakAt: nil) { _ in }
    #expect(undisturbed.contains { $0.contains("firing") })
    for second in `case`.values.indices {
      #expect(try told(`case`, breakAt: second, restart) == undisturbed, "restarted before second \(second)")
    }
  }

  @Test("A reload at any moment changes nothing for a rule that is the same", arguments: Continuity.all)
  func reloads(_ case: Continuity) {
    let undisturbed = told(`case`, breakAt: nil) { _ in }
    for second in `case`.values.indices {
      let reloaded = told(`case`, breakAt: second) { clock in
        clock.evaluator.reload(rules: [AlertRule.immediate(.established, raise: 1), `case`.rule])
      }
      #expect(reloaded == undisturbed, "reloaded before second \(second)")
    }
  }

  @Test("What was resolved is listed after a restart, for the rest of its hour")
  func resolved() throws {
    var clock = Clock(.immediate(.timeWait, raise: 300))
    _ = clock.tick(.local(timeWait: 300))
    _ = clock.tick(.local(timeWait: 0))
    let before = clock.evaluator.statuses
    try restart(&clock)
    #expect(clock.evaluator.statuses.map(\.id) == before.map(\.id))
    _ = clock.tick(.local(timeWait: 0), after: 3600)
    #expect(clock.evaluator.statuses.isEmpty)
  }

  @Test("What fires under a rule that is gone after the restart is told to be over, once")
  func ruleGone() throws {
    var clock = Clock(.immediate(.timeWait, raise: 300))
    let id = clock.tick(.local(timeWait: 300)).first?.status.id
    let (now, wallClock) = clock.moment
    let saved = clock.evaluator.saved(at: now, wallClock: wallClock)
    clock.evaluator = AlertEvaluator(rules: [.immediate(.established, raise: 5)])
    clock.evaluator.restore(saved, at: now, wallClock: wallClock)
    #expect(clock.evaluator.statuses.map(\.state) == [.firing])
    #expect(clock.tick(.local(timeWait: 300)).map(\.status.id) == [id])
    #expect(clock.tick(.local(timeWait: 300)).isEmpty)
  }

  @Test("The state is to be saved when it changes, and only then")
  func revision() {
    var clock = Clock(
      AlertRule(name: "rule", metric: .timeWait, raise: 300, hold: Seconds(1), keepFiringFor: Seconds(1))
    )
    var last = clock.evaluator.revision
    let changes = [0, 300, 310, 320, 0, 0, 0].map { value in
      _ = clock.tick(.local(timeWait: value))
      defer { last = clock.evaluator.revision }
      return clock.evaluator.revision != last
    }
    #expect(changes == [false, true, true, false, true, true, false])
  }

  @Test("A wall clock that was put back makes nothing fire at once")
  func clockPutBack() throws {
    var clock = Clock(AlertRule(name: "rule", metric: .timeWait, raise: 300, hold: Seconds(5)))
    _ = clock.tick(.local(timeWait: 300))
    let (now, wallClock) = clock.moment
    let saved = clock.evaluator.saved(at: now, wallClock: wallClock)
    clock.evaluator = AlertEvaluator(rules: clock.evaluator.watches.map(\.rule))
    clock.evaluator.restore(saved, at: now, wallClock: Timestamp(nanoseconds: 0))
    #expect(clock.tick(.local(timeWait: 300)).isEmpty)
    #expect(clock.tick(.local(timeWait: 300), after: 4).count == 1)
  }
}
