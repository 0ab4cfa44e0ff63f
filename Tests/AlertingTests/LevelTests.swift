import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("Levels, directions, intervals and baselines")
struct LevelTests {
  /// A look, one a second, at each value: `.` nothing, `p` pending, `W` or `C` a firing at that level, `w` or `c` still at
  /// it, `R` resolved, `?` a second without a reading.
  private func story(_ rule: AlertRule, _ values: [Int?]) -> String {
    var clock = Clock(rule)
    return values.map { value in
      let events = clock.tick(.local(timeWait: value ?? 0), knowsLocal: value != nil)
      let live = clock.evaluator.statuses.first { $0.state != .resolved }
      switch events.first {
      case .cleared: return "R"
      case .fired(let status), .changed(let status, _): return status.severity == .critical ? "C" : "W"
      case nil:
        guard let live else { return "." }
        return live.state == .pending ? "p" : live.severity == .critical ? "c" : "w"
      }
    }.joined()
  }

  private func level(_ severity: Severity, _ raise: Double, _ clear: Double, hold: Int64 = 0) -> AlertThreshold {
    AlertThreshold(severity: severity, raise: raise, clear: clear, hold: Seconds(hold), keepFiringFor: .zero)
  }

  private func rule(_ levels: AlertThreshold...) -> AlertRule {
    var rule = AlertRule.immediate(.timeWait, raise: 300)
    rule.setLevels(levels)
    return rule
  }

  @Test("One alert that gets worse and better again, told once at each turn")
  func levels() {
    let rule = rule(level(.critical, 1000, 800), level(.warning, 300, 240))
    #expect(story(rule, [100, 300, 999, 1000, 900, 800, 799, 1200, 100]) == ".WwCccWCR")
    #expect(story(rule, [2000, 2000, 0]) == "CcR")
  }

  @Test("The worse level may be sooner than the milder one")
  func soonerLevel() {
    let rule = rule(level(.warning, 300, 240, hold: 3), level(.critical, 1000, 800))
    #expect(story(rule, [300, 300, 1000, 300, 300, 300]) == "ppCWww")
  }

  @Test("The id stays when the level changes")
  func identity() {
    var clock = Clock(rule(level(.warning, 300, 240), level(.critical, 1000, 800)))
    let ids = [300, 1000, 300, 0].flatMap { clock.tick(.local(timeWait: $0)).map(\.status.id) }
    #expect(ids.count == 4)
    #expect(Set(ids).count == 1)
  }

  @Test("Below: fires at the threshold and under it, clears above")
  func below() {
    var rule = AlertRule.immediate(.timeWait, raise: 10, clear: 15)
    rule.direction = .below
    #expect(story(rule, [20, 11, 10, 15, 16, 16, 0]) == "..WwR.W")
  }

  @Test("A minimum interval between two firings of the same thing; it fires when that is over")
  func interval() {
    var rule = AlertRule.immediate(.timeWait, raise: 300, clear: 240)
    rule.minInterval = Seconds(5)
    #expect(story(rule, [300, 0, 300, 0, 300, 300, 300]) == "WRp.pWw")
  }

  @Test("A baseline: ten times the median, and never less than the floor")
  func baseline() {
    var rule = AlertRule.immediate(.timeWait, raise: 10, clear: 5)
    rule.baseline = AlertBaseline(over: Seconds(60), floor: 50)
    let usual: [Int?] = Array(repeating: 20, count: 20)
    #expect(story(rule, usual + [199, 200, 150, 99]) == String(repeating: ".", count: 21) + "WwR")
    let quiet: [Int?] = Array(repeating: 0, count: 20)
    #expect(story(rule, quiet + [49, 50]) == String(repeating: ".", count: 21) + "W")
  }

  @Test("Nothing is usual before enough was seen")
  func learning() {
    var rule = AlertRule.immediate(.timeWait, raise: 10, clear: 5)
    rule.baseline = AlertBaseline(over: Seconds(60), floor: 50)
    #expect(story(rule, [20, 20, 5000, 20]) == "....")
  }
}
