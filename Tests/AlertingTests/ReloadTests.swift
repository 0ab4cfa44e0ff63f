import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("A reload of the rules")
struct ReloadTests {
  /// A rule that has been over its threshold for as long.
  private func clock(firing: Bool) -> Clock {
    var clock = Clock(.timeWait)
    _ = clock.tick(.local(timeWait: 312))
    if firing { _ = clock.tick(.local(timeWait: 312), after: 5) }
    return clock
  }

  @Test("keeps what is pending: it fires when it would have")
  func pending() {
    var clock = clock(firing: false)
    clock.evaluator.reload(rules: [.timeWait])
    #expect(clock.evaluator.statuses.map(\.state) == [.pending])
    #expect(clock.tick(.local(timeWait: 312), after: 5).count == 1)
  }

  @Test("keeps what fires: it does not fire again")
  func firing() {
    var clock = clock(firing: true)
    let id = clock.evaluator.statuses.first?.id
    clock.evaluator.reload(rules: [.timeWait])
    #expect(clock.tick(.local(timeWait: 312)).isEmpty)
    #expect(clock.evaluator.statuses.map(\.id) == [id])
  }

  @Test("keeps what is resolved")
  func resolved() {
    var clock = clock(firing: true)
    _ = clock.tick(.local(timeWait: 0))
    _ = clock.tick(.local(timeWait: 0), after: 30)
    clock.evaluator.reload(rules: [])
    #expect(clock.evaluator.statuses.map(\.state) == [.resolved])
  }

  @Test("puts what fires under the new thresholds")
  func changedThreshold() throws {
    var clock = clock(firing: true)
    var rule = AlertRule.timeWait
    rule.raise = 500
    rule.clear = 400
    rule.keepFiringFor = .zero
    clock.evaluator.reload(rules: [rule])
    let event = try #require(clock.tick(.local(timeWait: 312)).first)
    #expect(event.status.summary == "TIME_WAIT on this host is back to 312 (clears below 400) after 1 s; peak 312")
  }

  @Test("clears what fires under a rule that is gone, once")
  func removed() throws {
    var clock = clock(firing: true)
    clock.evaluator.reload(rules: [])
    #expect(clock.evaluator.statuses.map(\.state) == [.firing])
    let events = clock.tick(.local(timeWait: 312))
    #expect(events.count == 1)
    let status = try #require(events.first).status
    #expect(status.state == .resolved)
    #expect(
      status.summary
        == "TIME_WAIT on this host is no longer watched: its rule was changed or removed after 1 s; last 312, peak 312"
    )
    #expect(clock.tick(.local(timeWait: 312)).isEmpty)
    #expect(clock.evaluator.statuses.map(\.state) == [.resolved])
  }

  @Test("forgets what is pending under a rule that is gone")
  func removedPending() {
    var clock = clock(firing: false)
    clock.evaluator.reload(rules: [])
    #expect(clock.evaluator.statuses.isEmpty)
    #expect(clock.tick(.local(timeWait: 312)).isEmpty)
  }

  @Test("starts a rule anew that watches something else under the same name")
  func otherFigures() {
    var clock = clock(firing: true)
    clock.evaluator.reload(rules: [AlertRule(name: "time-wait", metric: .timeWait, side: .any, raise: 300)])
    let events = clock.tick(.local(timeWait: 312))
    #expect(events.map(\.status.state) == [.resolved])
  }
}
