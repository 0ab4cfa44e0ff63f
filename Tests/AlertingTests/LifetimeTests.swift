import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("The life of an alert")
struct LifetimeTests {
  @Test("The rule that is on when nothing is configured")
  func defaultRule() {
    let rule = AlertRule.timeWait
    #expect(rule.name == "time-wait")
    #expect(rule.metric == .timeWait)
    #expect(rule.side == .local)
    #expect(rule.by == .host)
    #expect(rule.raise == 300)
    #expect(rule.clear == 240)
    #expect(rule.hold == Seconds(5))
    #expect(rule.keepFiringFor == Seconds(30))
    #expect(rule.severity == .warning)
    #expect(AlertRule(name: "x", metric: .closeWait, raise: 50).clear == 40)
    #expect(AlertRule(name: "x", metric: .captureDropPercent, raise: 5).side == .any)
  }

  @Test("The id stays from pending to resolved; the next one has another")
  func identity() throws {
    var clock = Clock(.timeWait)
    _ = clock.tick(.local(timeWait: 312))
    let pending = try #require(clock.evaluator.statuses.first)
    let fired = try #require(clock.tick(.local(timeWait: 312), after: 5).first).status
    _ = clock.tick(.local(timeWait: 0))
    let cleared = try #require(clock.tick(.local(timeWait: 0), after: 30).first).status
    #expect(pending.state == .pending)
    #expect([fired.id, cleared.id] == [pending.id, pending.id])
    #expect(pending.id.utf8.count == 12)
    #expect([pending.since, fired.since] == [cleared.since, cleared.since])
    #expect(fired.firedAt == Timestamp(nanoseconds: 1_700_000_006_000_000_000))
    #expect(cleared.firedAt == fired.firedAt)
    #expect(cleared.resolvedAt == Timestamp(nanoseconds: 1_700_000_037_000_000_000))
    _ = clock.tick(.local(timeWait: 300))
    #expect(clock.evaluator.statuses.map(\.state) == [.pending, .resolved])
    #expect(clock.evaluator.statuses.first?.id != pending.id)
  }

  @Test("A resolved alert is listed for an hour")
  func retention() {
    var clock = Clock(.immediate(.timeWait, raise: 300))
    _ = clock.tick(.local(timeWait: 300))
    _ = clock.tick(.local(timeWait: 0))
    _ = clock.tick(.local(timeWait: 0), after: 3599)
    #expect(clock.evaluator.statuses.map(\.state) == [.resolved])
    _ = clock.tick(.local(timeWait: 0))
    #expect(clock.evaluator.statuses.isEmpty)
  }

  @Test("A rule has at most 200 instances: those with the highest values")
  func bound() {
    var clock = Clock(.immediate(.timeWait, by: .service, raise: 10))
    let services = (1...1000).map { port in
      ServiceAccount.serving(Endpoint(address: web.address, port: UInt16(port)), timeWait: port)
    }
    let events = clock.tick(.of(services))
    #expect(events.count == 200)
    #expect(events.allSatisfy { $0.status.value > 800 })
    #expect(events.first?.status.value == 1000)
    #expect(clock.tick(.of(services)).isEmpty)
  }

  @Test("A flapping rule does not fill the listing")
  func resolvedBound() {
    var clock = Clock(.immediate(.timeWait, raise: 300))
    for _ in 0..<1200 {
      _ = clock.tick(.local(timeWait: 300))
      _ = clock.tick(.local(timeWait: 0))
    }
    #expect(clock.evaluator.statuses.count == 1000)
  }

  @Test("A look at the same moment changes nothing")
  func sameMoment() {
    var clock = Clock(.timeWait)
    #expect(clock.tick(.local(timeWait: 300)).isEmpty)
    #expect(clock.tick(.local(timeWait: 300), after: 0).isEmpty)
  }
}
