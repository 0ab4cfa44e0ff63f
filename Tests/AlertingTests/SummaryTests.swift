import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Alerting

@Suite("What an alert says")
struct SummaryTests {
  /// 312 TIME_WAIT of ours, 298 of them at the web service, which closes 411 of 412 connections first.
  private var accounts: Accounts {
    var ours = ServiceAccount.serving(web, timeWait: 298)
    (ours.closedFirst[.server], ours.closedFirst[.client], ours.closedFirst[.none]) = (411, 1, 20)
    return .of(
      [ours, .serving(api, timeWait: 14)],
      peers: [.peer(ipv4(10, 0, 0, 7), of: web, timeWait: 280), .peer(ipv4(10, 0, 0, 9), of: web, timeWait: 18)]
    )
  }

  private func summary(_ rule: AlertRule, _ accounts: Accounts) -> String? {
    var clock = Clock(rule)
    return clock.tick(accounts).first?.status.summary
  }

  @Test("by host: top service, who closes first, top peers")
  func host() {
    #expect(
      summary(.immediate(.timeWait, raise: 300), accounts)
        == "312 TIME_WAIT on this host (threshold 300): 298 at 10.0.0.1:8081 (our server end), where the server closes "
        + "first in 99 % of 412 closed connections; top peers 10.0.0.7 (280), 10.0.0.9 (18)"
    )
  }

  @Test("by host: who holds most of them, where that is known")
  func owner() {
    var accounts = accounts
    accounts.owners = [.holding("nginx.service", timeWait: 298), .holding(nil, timeWait: 14)]
    #expect(
      summary(.immediate(.timeWait, raise: 300), accounts)
        == "312 TIME_WAIT on this host (threshold 300): 298 at 10.0.0.1:8081 (our server end), where the server closes "
        + "first in 99 % of 412 closed connections; nginx.service holds 298 of 312; top peers 10.0.0.7 (280), 10.0.0.9 (18)"
    )
    // Owners are known of local ends alone.
    #expect(summary(.immediate(.timeWait, side: .server, raise: 100), accounts)?.contains("holds") == false)
  }

  /// Of the service that the alert is about, and of the host when it is about that; the worst comes first.
  @Test(
    "what was found",
    arguments: [
      (web, AlertRule.Grouping.host, "; what to do: tcpstated explain pool-too-small"),
      (web, .service, "; what to do: tcpstated explain pool-too-small"), (api, .host, "(18)"),
      (nil, .host, "; 312 of them: harmless (tcpstated explain pool-too-small)"), (nil, .service, "(18)"),
    ] as [(Endpoint?, AlertRule.Grouping, String)]
  )
  func findings(service: Endpoint?, grouping: AlertRule.Grouping, ending: String) throws {
    var readings = AlertReadings(accounts: accounts, knowsLocal: true)
    let summary = "312 of them: harmless."
    readings.findings = {
      [Finding(.poolTooSmall, .info, summary: summary, advice: "", evidence: [], service: service)]
    }
    var evaluator = AlertEvaluator(rules: [.immediate(.timeWait, by: grouping, raise: 200)])
    let moment = Instant(nanoseconds: 1_000_000_000)
    let events = evaluator.evaluate(readings, at: moment, wallClock: Timestamp(nanoseconds: 1))
    let status = try #require(events.first?.status)
    #expect(status.summary.hasSuffix(ending), "\(status.summary)")
    #expect(status.evidence.findings.count == (ending == "(18)" ? 0 : 1))
  }

  @Test("by service")
  func service() {
    #expect(
      summary(.immediate(.timeWait, by: .service, raise: 200), accounts)
        == "298 TIME_WAIT at 10.0.0.1:8081 (threshold 200): our server end, the server closes first in 99 % of 412 "
        + "closed connections; top peers 10.0.0.7 (280), 10.0.0.9 (18)"
    )
  }

  @Test("by peer")
  func peer() {
    #expect(
      summary(.immediate(.timeWait, by: .peer, raise: 200), accounts)
        == "280 TIME_WAIT with peer 10.0.0.7 (threshold 200): 280 at 10.0.0.1:8081 (our server end), where the server "
        + "closes first in 99 % of 412 closed connections"
    )
  }

  @Test("our client end of somebody else's service, without ourselves as its peer")
  func clientEnd() {
    var theirs = ServiceAccount(service: database, locality: .remote)
    (theirs.client[.timeWait], theirs.local[.timeWait], theirs.closedFirst[.client]) = (320, 320, 500)
    var own = PeerAccount(address: web.address, service: database)
    own.timeWaitClient = 320
    #expect(
      summary(.immediate(.timeWait, raise: 300), .of([theirs], peers: [own]))
        == "320 TIME_WAIT on this host (threshold 300): 320 at 10.0.0.5:5432 (our client end), where the client closes "
        + "first in 100 % of 500 closed connections"
    )
  }

  @Test("both ends on this host: the one that holds it")
  func loopback() {
    var service = ServiceAccount(service: web, locality: .local)
    (service.client[.timeWait], service.local[.timeWait]) = (320, 320)
    #expect(
      summary(.immediate(.timeWait, raise: 300), .of([service]))
        == "320 TIME_WAIT on this host (threshold 300): 320 at 10.0.0.1:8081 (our client end)"
    )
  }

  @Test("another side, no ends of ours")
  func serverSide() {
    #expect(
      summary(.immediate(.timeWait, side: .server, raise: 300), .of([.serving(web, timeWait: 300, locality: nil)]))
        == "300 TIME_WAIT on server ends (threshold 300): 300 at 10.0.0.1:8081"
    )
  }

  @Test("nothing but the total")
  func bare() {
    #expect(
      summary(.immediate(.timeWait, raise: 300), .local(timeWait: 312))
        == "312 TIME_WAIT on this host (threshold 300)"
    )
  }

  @Test("lost packets")
  func drops() {
    var clock = Clock(.immediate(.captureDropPercent, raise: 5))
    _ = clock.tick(Accounts())
    let fired = clock.tick(Accounts(), captured: 875, dropped: 125).first?.status
    #expect(fired?.summary == "12.5 % of packets lost by capture on this host (threshold 5 %)")
    let cleared = clock.tick(Accounts(), captured: 1875, dropped: 125, after: 72).first?.status
    #expect(
      cleared?.summary
        == "Packet loss by capture on this host is back to 0 % (clears below 4 %) after 1 min 12 s; peak 12.5 %"
    )
  }

  @Test("pending, and back to normal")
  func othersStates() {
    var clock = Clock(.timeWait)
    _ = clock.tick(.local(timeWait: 312))
    #expect(
      clock.evaluator.statuses.first?.summary == "312 TIME_WAIT on this host (threshold 300), not yet for 5 s"
    )
    _ = clock.tick(.local(timeWait: 412), after: 5)
    _ = clock.tick(.local(timeWait: 239), after: 42)
    let cleared = clock.tick(.local(timeWait: 239), after: 30).first?.status
    #expect(
      cleared?.summary == "TIME_WAIT on this host is back to 239 (clears below 240) after 1 min 12 s; peak 412"
    )
  }

  @Test("Evidence holds the top five, most first")
  func evidence() {
    let services = (1...9).map { port in
      ServiceAccount.serving(Endpoint(address: web.address, port: UInt16(port)), timeWait: port * 10)
    }
    var clock = Clock(.immediate(.timeWait, raise: 300))
    let evidence = clock.tick(.of(services)).first?.status.evidence
    #expect(evidence?.services.map(\.subject.port) == [9, 8, 7, 6, 5])
    #expect(evidence?.services.map(\.count) == [90, 80, 70, 60, 50])
  }

  @Test("A rule in words")
  func sentence() {
    #expect(
      AlertRule.timeWait.sentence
        == "time-wait: warning when TIME_WAIT on this host reach 300, held for 5 s; clears when below 240 for 30 s"
    )
    #expect(
      AlertRule.immediate(.captureDropPercent, raise: 5).sentence
        == "rule: warning when packets lost by capture (over 10 s) reach 5 %; clears when below 4 %"
    )
    var rule = AlertRule(name: "closes", metric: .closesPerSecond, side: .server, by: .service, raise: 10, hold: .zero)
    rule.baseline = AlertBaseline(over: Seconds(3600), floor: 5)
    rule.filter.services = [ServicePattern(network: nil, port: 8081)]
    rule.filter.units = ["nginx.service", "app*"]
    rule.minInterval = Seconds(600)
    #expect(
      rule.sentence
        == "closes: warning when closes/s on server ends of one service where service is :8081 and unit is nginx.service "
        + "or app* (over 10 s) reach 10 times the median of the last 1 h (and 5); clears when below 8 times the median of "
        + "the last 1 h (and 5) for 30 s; at most once in 10 min for the same thing"
    )
    #expect(
      AlertRule.immediate(.exhaustionSeconds, by: .destination, raise: 600).sentence
        == "rule: warning when seconds until ephemeral ports towards one destination run out fall to 600 s; clears when "
        + "above 750 s"
    )
  }
}
