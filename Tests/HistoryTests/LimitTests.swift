import Foundation
import GRDB
import Monitoring
import PacketDecoding
import Testing

@testable import History

@Suite("How much is kept")
struct LimitTests {
  @Test("Nothing is older than it may be")
  func age() async throws {
    let history = recorder(nil, HistoryLimits(age: Seconds(3600), size: 64 << 20))
    history.run(0..<200)
    let times = await history.samples(.of(.host, time(0), time(300))).map(\.time)
    #expect(times.first == time(138) && times.last == time(199))
  }

  @Test("A clock that is wrong for a minute takes no more than some hours with it")
  func wrongClock() async throws {
    let history = recorder(nil, HistoryLimits(age: Seconds(86_400), size: 64 << 20))
    history.run(0..<1000)
    history.run(5_000_000..<5_000_001)
    history.run(1000..<1002)
    #expect(await history.samples(.of(.host, time(0), time(1001))).count >= 1002 - 2 * 181)
  }

  @Test("The file does not grow beyond its limit, and the oldest go first")
  func size() throws {
    let scratch = try Scratch()
    let limit = 1 << 20
    let archive = try Archive(path: scratch.file, isChecked: true)
    for batch in 0..<Int64(60) {
      let minutes = (batch * 20..<batch * 20 + 20).map { minute in
        var rows = MinuteRows(minute: start + minute, seconds: 60, host: FigureSample(time: time(minute)))
        rows.services = (0..<50).map { ServicePast(service: "10.0.0.\($0):8080", figures: rows.host) }
        return rows
      }
      _ = try archive.write(minutes, [])
      try archive.keepWithin(HistoryLimits(age: Seconds(86_400 * 30), size: limit), now: time(batch * 20 + 20))
      #expect(try archive.size().used <= limit)
    }
    #expect(try archive.size().file < limit * 2)
    let newest = try archive.database.read { try Int64.fetchOne($0, sql: "SELECT max(minute) FROM host_minute") }
    #expect(newest == start + 1199)
    #expect(try archive.oldest().map { $0 > start + 100 } == true)
    #expect(try archive.database.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
  }

  @Test("A smaller limit makes the file smaller, in time")
  func shrinks() throws {
    let scratch = try Scratch()
    let archive = try Archive(path: scratch.file, isChecked: true)
    let minutes = (0..<Int64(400)).map { minute in
      var rows = MinuteRows(minute: start + minute, seconds: 60, host: FigureSample(time: time(minute)))
      rows.services = (0..<100).map { ServicePast(service: "10.0.0.\($0):8080", figures: rows.host) }
      return rows
    }
    _ = try archive.write(minutes, [])
    let before = try archive.size().file
    for minute in 400..<Int64(430) {
      try archive.keepWithin(HistoryLimits(age: Seconds(86_400), size: 1 << 20), now: time(minute))
    }
    let after = try archive.size().file
    #expect(before > 3 << 19 && after <= 1 << 20, "\(before) \(after)")
  }

  @Test("What waits is bounded: the oldest are given up, and counted")
  func waiting() {
    let history = recorder("/nowhere/history.sqlite")
    for minute in 0..<Int64(200) { history.note(snapshot(at: time(minute), timeWait: 1, services: 150)) }
    #expect(history.status.waiting < 199 && history.status.waiting > 100)
    #expect(history.status.waiting + history.status.lost == 199)
  }
}
