import PacketDecoding
import Testing

@testable import Monitoring

@Suite struct CaptureTierPolicyTests {
  /// Drops a second, with 100,000 packets each; and the tiers that follow.
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var configured = CaptureTier.full
    var isAutomatic = true
    /// From second to second, each until the next.
    var drops: [(from: Int, count: Int)]
    var seconds: Int
    /// When which tier began.
    var changes: [Change]
    var testDescription: String { name }
  }

  struct Change: Equatable, Sendable {
    var second: Int
    var tier: CaptureTier
    init(_ second: Int, _ tier: CaptureTier) { (self.second, self.tier) = (second, tier) }
  }

  static let cases: [Case] = [
    Case(name: "no drops", drops: [(0, 0)], seconds: 1000, changes: []),
    Case(name: "few are borne", drops: [(0, 99)], seconds: 1000, changes: []),
    Case(
      name: "one second",
      drops: [(0, 0), (5, 500), (6, 0)],
      seconds: 100,
      changes: [.init(5, .headers), .init(35, .full)]
    ),
    Case(
      name: "until the poorest, and step by step back",
      drops: [(0, 1000), (6, 0)],
      seconds: 100,
      changes: [.init(0, .headers), .init(2, .control), .init(35, .headers), .init(65, .full)]
    ),
    Case(
      name: "each time it turns out too early it waits longer",
      drops: [(0, 0), (5, 500), (6, 0), (36, 500), (37, 0)],
      seconds: 150,
      changes: [.init(5, .headers), .init(35, .full), .init(36, .headers), .init(96, .full)]
    ),
    Case(name: "not asked for", isAutomatic: false, drops: [(0, 5000)], seconds: 100, changes: []),
    Case(
      name: "never richer than configured",
      configured: .headers,
      drops: [(0, 0), (1, 5000), (2, 0)],
      seconds: 200,
      changes: [.init(1, .control), .init(31, .headers)]
    ),
    Case(name: "configured the poorest", configured: .control, drops: [(0, 5000)], seconds: 100, changes: []),
  ]

  @Test(arguments: cases)
  func tiers(_ example: Case) {
    var policy = CaptureTierPolicy(configured: example.configured, isAutomatic: example.isAutomatic)
    var (received, dropped) = (0, 0)
    var changes: [Change] = []
    for second in 0..<example.seconds {
      received += 100_000
      dropped += example.drops.last { $0.from <= second }?.count ?? 0
      let now = Instant(nanoseconds: Int64(second) * 1_000_000_000)
      if policy.note(received: received, dropped: dropped, at: now) { changes.append(Change(second, policy.tier)) }
    }
    #expect(changes == example.changes)
  }

  @Test("Figures are lower bounds in a poorer tier, and a minute after drops")
  func lowerBound() {
    var policy = CaptureTierPolicy(configured: .full, isAutomatic: false)
    let at = { (second: Int64) in Instant(nanoseconds: second * 1_000_000_000) }
    #expect(!policy.isLowerBound(at: at(0)))
    _ = policy.note(received: 10, dropped: 1, at: at(1))
    #expect(policy.isLowerBound(at: at(60)))
    #expect(!policy.isLowerBound(at: at(61)))
    #expect(CaptureTierPolicy(configured: .headers, isAutomatic: true).isLowerBound(at: at(0)))
  }
}
