import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("Which connections a rule looks at")
struct FilterTests {
  @Test(
    arguments: [
      ("10.0.0.1:8081", true), ("10.0.0.1", true), ("10.0.0.0/8", true), ("10.0.0.0/8:8081", true), (":8081", true),
      ("10.0.0.1:8082", false), ("10.0.0.2:8081", false), (":80", false), ("fd00::/8", false), ("::/0", false),
    ]
  )
  func service(_ text: String, _ matches: Bool) throws {
    #expect(try #require(ServicePattern(text)).matches(web) == matches)
    #expect(ServicePattern(text)?.text == text)
  }

  @Test(arguments: ["", ":", ":x", ":65536", "10.0.0.1:", "10.0.0:1", "web:80", "10.0.0.1:+1", "[fd00::1]:"])
  func noService(_ text: String) {
    #expect(ServicePattern(text) == nil)
  }

  @Test(
    arguments: [
      ("nginx.service", "nginx.service", true), ("nginx*", "nginx.service", true), ("*.service", "nginx.service", true),
      ("*", "", true), ("n*x*e", "nginx.service", true), ("a*a*a", "aaa", true), ("a*a*a", "aa", false),
      ("nginx", "nginx.service", false), ("*.scope", "nginx.service", false), ("", "x", false),
    ]
  )
  func unit(_ pattern: String, _ name: String, _ matches: Bool) {
    var filter = AlertFilter()
    filter.units = [pattern]
    #expect(filter.includes(unit: name) == matches)
  }

  private static var accounts: Accounts {
    var ours = ServiceAccount.serving(web, timeWait: 60)
    ours.owner = "nginx.service"
    var theirs = ServiceAccount(service: database, locality: .remote)
    (theirs.client[.timeWait], theirs.local[.timeWait]) = (30, 30)
    var accounts = Accounts.of(
      [ours, .serving(api, timeWait: 10), theirs],
      peers: [.peer(ipv4(10, 0, 0, 7), of: web, timeWait: 40), .peer(ipv4(10, 9, 0, 9), of: web, timeWait: 20)]
    )
    accounts.owners = [.holding("nginx.service", timeWait: 60), .holding("app.service", timeWait: 35)]
    return accounts
  }

  private func values(by grouping: AlertRule.Grouping, _ change: (inout AlertFilter) -> Void) -> [Double] {
    var rule = AlertRule.immediate(.timeWait, by: grouping, raise: 1)
    change(&rule.filter)
    var clock = Clock(rule)
    return clock.tick(Self.accounts).map(\.status.value)
  }

  @Test("of the host: what the filter lets through")
  func host() {
    #expect(values(by: .host) { _ in } == [100])
    #expect(values(by: .host) { $0.services = [ServicePattern(":8081")!] } == [60])
    #expect(values(by: .host) { $0.services = [ServicePattern("10.0.0.1")!] } == [70])
    #expect(values(by: .host) { $0.units = ["app.*"] } == [35])
    #expect(values(by: .host) { $0.peers = [CIDR("10.9.0.0/16")!] } == [20])
    #expect(values(by: .host) { ($0.units, $0.services) = (["nginx*"], [ServicePattern(":9090")!]) } == [])
  }

  @Test("by service, destination, peer and unit")
  func groupings() {
    #expect(values(by: .service) { $0.units = ["nginx.service"] } == [60])
    #expect(values(by: .service) { $0.peers = [CIDR("10.0.0.7")!] } == [40])
    #expect(values(by: .destination) { _ in } == [30])
    #expect(values(by: .peer) { $0.peers = [CIDR("10.0.0.0/24")!] } == [40])
    #expect(values(by: .unit) { $0.units = ["app*"] } == [35])
  }
}

@Suite("Figures that are no counts of ends")
struct DerivedMetricTests {
  private func fired(_ rule: AlertRule, _ readings: AlertReadings...) -> [AlertStatus] {
    var evaluator = AlertEvaluator(rules: [rule])
    return readings.enumerated().flatMap { index, readings in
      evaluator.evaluate(
        readings,
        at: Instant(nanoseconds: Int64(index + 1) * 1_000_000_000),
        wallClock: Timestamp(nanoseconds: Int64(index + 1) * 1_000_000_000)
      ).map(\.status)
    }
  }

  private func readings(_ accounts: Accounts = Accounts()) -> AlertReadings {
    AlertReadings(accounts: accounts, knowsLocal: true)
  }

  private func closes(server: Int, client: Int) -> Accounts {
    var service = ServiceAccount(service: web, locality: .local)
    (service.closedFirst[.server], service.closedFirst[.client]) = (server, client)
    return .of([service])
  }

  @Test("Who closes first, in percent of those that closed within the window")
  func closedFirst() {
    let rule = AlertRule.immediate(.closedFirstPercent, by: .service, raise: 90)
    #expect(fired(rule, readings(), readings(closes(server: 95, client: 5))).map(\.value) == [95])
    #expect(fired(rule, readings(), readings(closes(server: 85, client: 15))).isEmpty)
    // Too few to speak of a share.
    #expect(fired(rule, readings(), readings(closes(server: 19, client: 0))).isEmpty)
    #expect(fired(rule, readings(closes(server: 95, client: 5)), readings(closes(server: 96, client: 55))).isEmpty)
  }

  @Test("Ports: the worst of a destination, and the worst of all for the host")
  func ports() {
    var now = readings()
    now.ports = [
      PortReading(destination: database, usedPercent: 40, exhaustion: nil),
      PortReading(destination: database, usedPercent: 85, exhaustion: Seconds(90)),
      PortReading(destination: api, usedPercent: 10, exhaustion: Seconds(9000)),
    ]
    let used = AlertRule.immediate(.ephemeralPortsUsedPercent, by: .destination, raise: 80)
    #expect(
      fired(used, now).map(\.summary) == ["85 % of ephemeral ports in use towards 10.0.0.5:5432 (threshold 80 %)"]
    )
    #expect(fired(.immediate(.ephemeralPortsUsedPercent, raise: 80), now).map(\.value) == [85])
    let left = AlertRule.immediate(.exhaustionSeconds, raise: 120)
    var later = now
    later.ports = []
    #expect(fired(left, now, later).map(\.value) == [90, .infinity])
    #expect(fired(left, readings()).isEmpty)
  }

  @Test("Drift and the table")
  func hostFigures() {
    var now = readings()
    (now.drift, now.table) = (-12, (used: 90, capacity: 100))
    #expect(fired(.immediate(.modelDrift, raise: 10), now).map(\.value) == [12])
    #expect(fired(.immediate(.tableUsedPercent, raise: 80), now).map(\.value) == [90])
    #expect(fired(.immediate(.modelDrift, raise: 10), readings()).isEmpty)
  }
}
