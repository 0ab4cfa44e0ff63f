import Alerting
import CloseDiagnosis
import Foundation
import GRDB
import Monitoring
import PacketDecoding
import Testing

@testable import History

@Suite("What is kept, and told again")
struct RecordingTests {
  @Test("Each minute has its highest and its sums; the one that goes on is told too")
  func minutes() async throws {
    let scratch = try Scratch()
    let history = recorder(scratch.file)
    history.run(0..<5)
    let samples = await history.samples(.of(.host, time(0), time(9)))
    #expect(samples.map(\.time) == (0..<5).map { time($0) })
    #expect(samples.map(\.server) == [2, 2, 2, 2, 2])
    #expect(samples.map(\.flow.opened) == [1, 1, 1, 1, 1])
    #expect(samples.map(\.flow.closedByServer) == [1, 1, 1, 1, 1])
  }

  @Test("A daemon that starts anew goes on in the same file; its counters begin anew")
  func restart() async throws {
    let scratch = try Scratch()
    var history = recorder(scratch.file)
    history.run(0..<3)
    history.finish(snapshot(at: time(2, second: 30), timeWait: 9, connections: 3, closedByServer: 3), within: 10)
    history = recorder(scratch.file)
    history.note(snapshot(at: time(2, second: 50), timeWait: 4, connections: 7, closedByServer: 7))
    history.note(snapshot(at: time(3, second: 0), timeWait: 4, connections: 8, closedByServer: 7))
    let samples = await history.samples(.of(.host, time(0), time(9)))
    // The third minute is of both.
    #expect(samples.map(\.server) == [2, 2, 4, 4])
    #expect(samples.map(\.flow.opened) == [1, 1, 9, 0])
  }

  @Test("Steps add up", arguments: [(60, 120), (300, 24), (3600, 2), (86_400, 1)])
  func steps(_ step: Int64, _ count: Int) async throws {
    let history = recorder(nil)
    // A whole day begins with it.
    let begin = -(start % 1440) + 1440
    history.run(begin..<begin + 120)
    let all = Int(begin) + 120
    history.note(snapshot(at: time(begin + 5000), connections: all, closedByServer: all))
    let samples = await history.samples(.of(.host, time(begin), time(begin + 119), step: Seconds(step)))
    #expect(samples.count == count)
    #expect(samples.reduce(0) { $0 + $1.flow.closed } == all)
    #expect(samples.allSatisfy { $0.server == 2 })
  }

  @Test("Services, causes, ports, alerts and findings of a time")
  func lists() async throws {
    let scratch = try Scratch()
    let history = recorder(scratch.file)
    for minute in 0..<Int64(4) {
      let count = 10 * Int(minute + 1)
      history.note(
        snapshot(
          at: time(minute, second: 5),
          timeWait: count,
          connections: count,
          closedByServer: count,
          causes: [.noPool: count, .serverIdle: Int(minute)],
          ports: count * 2
        )
      )
    }
    history.note(alert("a", since: time(1)))
    history.note(alert("b", since: time(2)))
    history.note(alert("a", since: time(1), resolved: time(2)))
    history.finish(snapshot(at: time(3, second: 9), timeWait: 1, connections: 40, closedByServer: 40), within: 10)
    let again = recorder(scratch.file)
    func rows(_ subject: HistoryQuery.Subject, _ from: Int64, _ to: Int64, of service: Endpoint? = nil) async
      -> HistoryAnswer.Rows?
    {
      var query = HistoryQuery.of(subject, time(from), time(to))
      (query.service, query.destination) = (service, service)
      return await again.answer(query, clock: time(9))?.rows
    }
    guard case .services(let services) = await rows(.services, 1, 3) else { return #expect(Bool(false)) }
    #expect(services.map(\.service) == ["10.0.0.1:80"])
    #expect(services.first?.figures.server == 40)
    #expect(services.first?.figures.flow.closed == 20)
    #expect(
      services.first?.causes == [CauseCount(cause: "no_pool", count: 20), CauseCount(cause: "server_idle", count: 2)]
    )
    guard case .samples(let series, _) = await rows(.services, 1, 2, of: web) else { return #expect(Bool(false)) }
    #expect(series.map(\.server) == [20, 30])
    guard case .causes(let causes) = await rows(.causes, 0, 9) else { return #expect(Bool(false)) }
    #expect(causes.first == CauseCount(cause: "no_pool", count: 40))
    guard case .destinations(let ports) = await rows(.destinations, 0, 1) else { return #expect(Bool(false)) }
    #expect(ports.map(\.held) == [40] && ports.map(\.used) == [60] && ports.map(\.refused) == [10])
    guard case .ports(let use, _) = await rows(.destinations, 0, 9, of: web) else { return #expect(Bool(false)) }
    #expect(use.map(\.held) == [20, 40, 60, 80])
    guard case .alerts(let alerts) = await rows(.alerts, 3, 9) else { return #expect(Bool(false)) }
    #expect(alerts.map(\.id) == ["b"])
    guard case .alerts(let all) = await rows(.alerts, 0, 9) else { return #expect(Bool(false)) }
    #expect(
      all.map(\.id) == ["b", "a"] && all.last?.resolvedAt == time(2) && all.last?.evidence.owner == "shop.service"
    )
    guard case .findings(let findings) = await rows(.findings, 0, 9) else { return #expect(Bool(false)) }
    #expect(findings.contains { $0.first < $0.last })
  }

  @Test("A clock that goes back leads to a minute twice, one that jumps to a gap: nothing is lost or torn")
  func clockSteps() async throws {
    let scratch = try Scratch()
    let history = recorder(scratch.file)
    var count = 0
    for minute in [0, 1, 2, 1, 2, 3, 5000, 4] as [Int64] {
      count += 1
      history.note(snapshot(at: time(minute, second: 1), timeWait: count, connections: count, closedByServer: count))
    }
    history.finish(snapshot(at: time(4, second: 2), timeWait: 0, connections: count, closedByServer: count), within: 10)
    let samples = await recorder(scratch.file).samples(.of(.host, time(0), time(6000)))
    #expect(samples.map(\.time) == [0, 1, 2, 3, 4, 5000].map { time($0) })
    #expect(samples.map(\.server) == [1, 4, 5, 6, 8, 7])
    #expect(samples.reduce(0) { $0 + $1.flow.closed } == count)
  }

  @Test("Each second of the last minutes, and of nothing before")
  func seconds() async throws {
    let history = recorder(nil)
    for second in 0..<Int64(2000) {
      history.note(snapshot(at: time(0, second: second), connections: Int(second) + 1))
    }
    let all = await history.samples(HistoryQuery())
    #expect(all.count == MinuteWatch.keptSeconds && all.allSatisfy { $0.flow.opened == 1 })
    var query = HistoryQuery()
    query.since = .ago(Seconds(59))
    #expect(await history.samples(query).count == 60)
    query.since = .ago(Seconds(1800))
    #expect(await history.samples(query).count == 31)
  }

  @Test("What others chose is data")
  func hostileText() async throws {
    let scratch = try Scratch()
    let history = recorder(scratch.file)
    var hostile = alert("a'); DROP TABLE alert; --", since: time(0))
    hostile.summary = "\u{1b}[2J' \" \u{0} \u{202e}"
    history.note(hostile)
    history.run(0..<2)
    guard case .alerts(let found) = await history.answer(.of(.alerts, time(0), time(2)), clock: time(2))?.rows else {
      return #expect(Bool(false))
    }
    #expect(found.map(\.summary) == [hostile.summary])
  }
}
