import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("Ends that have waited for long")
struct AgeTests {
  private static let age = Seconds(300)

  private static func ends(
    _ service: Endpoint,
    _ phase: Phase = .closeWait,
    _ role: Role = .server,
    _ locality: Locality? = .local,
    owner: String? = nil,
    age: Seconds = age,
    count: Int
  ) -> AgedEnds {
    var ends = AgedEnds(service: service, role: role, phase: phase, locality: locality, age: age, count: count)
    ends.owner = owner
    return ends
  }

  /// 7 of ours at two services, 20 far ends, 100 younger ones, and half-open ones beside them.
  private static var accounts: Accounts {
    var theirs = ServiceAccount(service: database, locality: .remote)
    theirs.owner = "app.service"
    var accounts = Accounts.of([.serving(web, timeWait: 0), .serving(api, timeWait: 0), theirs])
    accounts.local[.closeWait] = 1000
    accounts.aged = AgedAccounts(
      ages: [Seconds(10), age],
      ends: [
        ends(web, owner: "nginx.service", count: 4), ends(web, owner: "nginx.service", age: Seconds(10), count: 100),
        ends(database, .closeWait, .client, owner: "app.service", count: 3),
        ends(web, .closeWait, .client, .remote, count: 20), ends(web, .synReceived, count: 50),
        ends(api, .finWait2, owner: "nginx.service", count: 9),
      ]
    )
    return accounts
  }

  private func values(
    _ metric: AlertMetric = .closeWait,
    side: AlertRule.Side? = nil,
    by grouping: AlertRule.Grouping = .host,
    age: Seconds = age,
    in accounts: Accounts = accounts,
    _ change: (inout AlertFilter) -> Void = { _ in }
  ) -> [Double] {
    var rule = AlertRule.immediate(metric, side: side, by: grouping, raise: 1)
    rule.olderThan = age
    change(&rule.filter)
    var clock = Clock(rule)
    return clock.tick(accounts).map(\.status.value)
  }

  @Test("are counted by state, side, age, what they belong to, and who holds them")
  func figures() {
    #expect(values() == [7])
    #expect(values(age: Seconds(10)) == [100])
    #expect(values(side: .remote) == [20])
    #expect(values(side: .any) == [27])
    #expect(values(side: .client) == [23])
    #expect(values(.halfOpen) == [50])
    #expect(values(.finWait2) == [9])
    #expect(values(by: .service) == [4, 3])
    #expect(values(by: .destination) == [3])
    #expect(values(by: .unit) == [4, 3])
    #expect(values { $0.units = ["app*"] } == [3])
    #expect(values { $0.services = [ServicePattern(":8081")!] } == [4])
  }

  @Test("are not known before the table was looked through for that age")
  func missing() {
    #expect(values(age: Seconds(60)) == [])
    var accounts = Self.accounts
    accounts.aged = nil
    #expect(values(in: accounts) == [])
    var rule = AlertRule.immediate(.closeWait, raise: 1)
    rule.olderThan = Self.age
    var clock = Clock(rule)
    #expect(clock.tick(Self.accounts).count == 1)
    // Not known is not over.
    #expect(clock.tick(accounts).isEmpty)
    accounts.aged = AgedAccounts(ages: [Self.age])
    #expect(clock.tick(accounts).map(\.status.state) == [.resolved])
  }

  @Test("are told with how long they have waited")
  func words() {
    var rule = AlertRule.immediate(.closeWait, raise: 5)
    rule.olderThan = Self.age
    #expect(
      rule.sentence == "rule: warning when CLOSE_WAIT for over 5 min on this host reach 5; clears when below 4"
    )
    var clock = Clock(rule)
    let status = clock.tick(Self.accounts).first?.status
    #expect(
      status?.summary.hasPrefix("7 CLOSE_WAIT for over 5 min on this host (threshold 5): 4 at 10.0.0.1:8081") == true
    )
    #expect(status?.evidence.services.map(\.count) == [4, 3])
    #expect(status?.evidence.owners.map(\.subject) == ["nginx.service", "app.service"])
  }

  @Test("under another age are another figure, also after a restart")
  func identity() {
    let young = AlertRule.immediate(.closeWait, raise: 5)
    var old = young
    old.olderThan = Self.age
    #expect(!young.watchesSame(as: old))
    #expect(young.saved.identity != old.saved.identity)
  }
}
