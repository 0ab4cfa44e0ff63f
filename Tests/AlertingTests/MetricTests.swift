import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

/// A metric, a side, and what it reads from `MetricTests.accounts` a second after nothing had happened.
struct Figure: CustomTestStringConvertible, Sendable {
  let metric: AlertMetric
  let side: AlertRule.Side
  let value: Double

  init(_ metric: AlertMetric, _ side: AlertRule.Side, _ value: Double) {
    self.metric = metric
    self.side = side
    self.value = value
  }

  var testDescription: String { "\(metric.rawValue) \(side.rawValue) = \(value)" }
}

@Suite("What a metric counts")
struct MetricTests {
  /// Our web service, and somebody else's database that we are a client of.
  static var accounts: Accounts {
    var ours = ServiceAccount(service: web, locality: .local)
    ours.connections = 60
    (ours.server[.timeWait], ours.client[.closed], ours.local[.timeWait]) = (7, 0, 7)
    (ours.client[.synSent], ours.remote[.synSent]) = (2, 2)
    (ours.server[.synReceived], ours.local[.synReceived]) = (3, 3)
    (ours.closedFirst[.server], ours.closedFirst[.client], ours.closedFirst[.simultaneous]) = (30, 4, 1)
    (ours.closeKind[.rst], ours.closeKind[.refused]) = (5, 2)
    ours.closed[CloseVerdict(closedFirst: .server, kind: .rst)] = 5
    var theirs = ServiceAccount(service: database, locality: .remote)
    theirs.connections = 40
    (theirs.client[.timeWait], theirs.local[.timeWait]) = (11, 11)
    (theirs.closedFirst[.client], theirs.closedFirst[.server]) = (20, 6)
    (theirs.closeKind[.rst], theirs.closeKind[.refused]) = (6, 9)
    theirs.closed[CloseVerdict(closedFirst: .server, kind: .rst)] = 6
    return .of([ours, theirs])
  }

  @Test(arguments: [
    Figure(.timeWait, .local, 18), Figure(.timeWait, .server, 7), Figure(.timeWait, .client, 11),
    Figure(.timeWait, .any, 18), Figure(.timeWait, .remote, 0),
    Figure(.halfOpen, .local, 3), Figure(.halfOpen, .remote, 2), Figure(.halfOpen, .any, 5),
    Figure(.opensPerSecond, .any, 100), Figure(.opensPerSecond, .local, 40), Figure(.opensPerSecond, .remote, 60),
    Figure(.opensPerSecond, .server, 0), Figure(.opensPerSecond, .transit, 0),
    Figure(.closesPerSecond, .any, 61), Figure(.closesPerSecond, .local, 50), Figure(.closesPerSecond, .remote, 10),
    Figure(.closesPerSecond, .client, 24), Figure(.closesPerSecond, .server, 36),
    Figure(.resetsPerSecond, .any, 11), Figure(.resetsPerSecond, .local, 5), Figure(.resetsPerSecond, .remote, 6),
    Figure(.refusalsPerSecond, .any, 11), Figure(.refusalsPerSecond, .local, 2), Figure(.refusalsPerSecond, .remote, 9),
    Figure(.captureDropPercent, .any, 20),
  ])
  func byHost(_ figure: Figure) {
    var clock = Clock(AlertRule(name: "rule", metric: figure.metric, side: figure.side, raise: 0.5, clear: 0.4))
    _ = clock.tick(Accounts(), captured: 100)
    _ = clock.tick(Self.accounts, captured: 180, dropped: 20)
    #expect((clock.evaluator.statuses.first?.value ?? 0) == figure.value)
  }

  @Test("A rate needs two readings and time between them")
  func rateNeedsTwo() {
    var clock = Clock(.immediate(.opensPerSecond, side: .any, raise: 10, clear: 5))
    var accounts = Accounts()
    accounts.connections = 1000
    #expect(clock.tick(accounts).isEmpty)
    accounts.connections += 45
    #expect(clock.tick(accounts, after: 0).isEmpty)
    #expect(clock.tick(accounts, after: 2).first?.status.value == 22.5)
    #expect(clock.tick(Accounts()).first?.status.state == .resolved)
  }

  @Test("Nothing known to be local: a local side reads nothing, a role does")
  func unknownLocality() {
    var accounts = Accounts()
    accounts.local[.timeWait] = 500
    accounts.server[.timeWait] = 500
    var clock = Clock(.immediate(.timeWait, raise: 300), .immediate(.timeWait, side: .server, raise: 300))
    #expect(clock.tick(accounts, knowsLocal: false).map(\.status.labels[1].value) == ["server"])
  }

  @Test("A share is of the window: what was lost before it does not count, and of no packets none were lost")
  func window() {
    var rule = AlertRule.immediate(.captureDropPercent, raise: 5)
    rule.window = Seconds(2)
    var clock = Clock(rule)
    _ = clock.tick(Accounts())
    #expect(clock.tick(Accounts(), captured: 90, dropped: 10).map(\.status.value) == [10])
    #expect(clock.tick(Accounts(), captured: 90, dropped: 10).isEmpty)
    #expect(clock.tick(Accounts(), captured: 90, dropped: 10).map(\.status.state) == [.resolved])
  }

  @Test("By service: an instance each, also when the service leaves the accounts")
  func byService() {
    var clock = Clock(.immediate(.timeWait, by: .service, raise: 100))
    let events = clock.tick(.of([.serving(web, timeWait: 150), .serving(api, timeWait: 99)]))
    #expect(events.map(\.status.labels.last) == [Label(name: "service", value: "10.0.0.1:8081")])
    #expect(clock.tick(.of([])).map(\.status.state) == [.resolved])
  }

  @Test("By peer: over all services")
  func byPeer() {
    var clock = Clock(.immediate(.timeWait, by: .peer, raise: 100))
    let peer = ipv4(10, 0, 0, 7)
    let accounts = Accounts.of(
      [.serving(web, timeWait: 60), .serving(api, timeWait: 50)],
      peers: [.peer(peer, of: web, timeWait: 60), .peer(peer, of: api, timeWait: 50)]
    )
    let status = clock.tick(accounts).first?.status
    #expect(status?.value == 110)
    #expect(status?.labels.last == Label(name: "peer", value: "10.0.0.7"))
    #expect(status?.evidence.services.map(\.count) == [60, 50])
  }

  @Test("By unit: who holds the ends of this host, as far as that is known")
  func byUnit() {
    var clock = Clock(.immediate(.timeWait, by: .unit, raise: 100))
    var accounts = Accounts.of([.serving(web, timeWait: 400)])
    accounts.owners = [
      .holding(nil, timeWait: 200), .holding("nginx.service", timeWait: 150), .holding("b", timeWait: 50),
    ]
    let events = clock.tick(accounts)
    #expect(events.map(\.status.labels.last) == [Label(name: "unit", value: "nginx.service")])
    #expect(events.map(\.status.summary) == ["150 TIME_WAIT held by nginx.service (threshold 100)"])
    #expect(events.first?.status.evidence.owners.map(\.count) == [150])
    #expect(clock.tick(.of([])).map(\.status.state) == [.resolved])
  }

  @Test("A peer that was not listed before has no rate yet")
  func newPeer() {
    var clock = Clock(.immediate(.opensPerSecond, side: .any, by: .peer, raise: 10))
    let service = ServiceAccount.serving(web, timeWait: 0)
    func accounts(_ connections: Int) -> Accounts {
      .of([service], peers: [.peer(ipv4(10, 0, 0, 7), of: web, connections: connections)])
    }
    _ = clock.tick(.of([service]))
    #expect(clock.tick(accounts(1000)).isEmpty)
    #expect(clock.tick(accounts(1020)).map(\.status.value) == [20])
  }
}
