import ConnectionTracking
import Monitoring
import PacketDecoding
import Testing

@testable import FlowExport

@Suite("Which closed connections are handed out, and when") struct ClosedTests {
  private static func monitor(capacity: Int = 4096, kept: Int = 0) -> Monitor {
    var monitor = Monitor(
      MonitorSettings(
        tracker: TrackerSettings(capacity: capacity),
        retention: .within(Seconds(300), count: kept)
      )
    )
    monitor.awaitCloses()
    return monitor
  }

  private static func take(_ monitor: inout Monitor, at second: Int64) -> [ConnectionRecord] {
    let now = Instant(nanoseconds: second * 1_000_000_000)
    monitor.tick(at: now)
    return monitor.takeClosed(at: now).map { $0.record(interfaces: ["lo"]) }
  }

  @Test(arguments: [0, 1000]) func onceEachWhateverIsKeptForListings(_ kept: Int) {
    var monitor = Self.monitor(kept: kept)
    Closes.refuse(1000..<1100, at: 10, in: &monitor)
    var taken: [ConnectionRecord] = []
    for second in Int64(10)...80 { taken += Self.take(&monitor, at: second) }
    #expect(Set(taken.map(\.serial)).count == 100 && taken.count == 100)
    #expect(taken.allSatisfy { $0.closeKind == .refused && $0.closeCause != nil && $0.interface == "lo" })
    #expect(monitor.takeClosed(at: Instant(nanoseconds: 90_000_000_000), all: true).isEmpty)
  }

  @Test("The last packets are awaited, two seconds") func aMoment() {
    var monitor = Self.monitor()
    Closes.refuse(1000..<1001, at: 10, in: &monitor)
    #expect(Self.take(&monitor, at: 11).isEmpty)
    #expect(Self.take(&monitor, at: 12).count == 1)
  }

  @Test("At the end nothing waits any longer") func theEnd() {
    var monitor = Self.monitor()
    Closes.refuse(1000..<1003, at: 10, in: &monitor)
    let last = monitor.takeClosed(at: Instant(nanoseconds: 10_000_000_000), all: true)
    #expect(last.count == 3 && last.allSatisfy { $0.verdict != nil })
    #expect(monitor.takeClosed(at: Instant(nanoseconds: 10_000_000_000), all: true).isEmpty)
  }

  @Test("What leaves the table before it is decided comes whole") func crowded() {
    var monitor = Self.monitor(capacity: 16)
    Closes.refuse(1000..<1200, at: 10, in: &monitor)
    let taken = Self.take(&monitor, at: 12)
    #expect(taken.count == 200)
    #expect(taken.allSatisfy { $0.clientCounters.packets == 1 && $0.serverCounters.packets == 1 })
  }

  @Test func flagsOfBothEnds() throws {
    var monitor = Self.monitor()
    Closes.refuse(1000..<1001, at: 10, in: &monitor)
    let record = try #require(Self.take(&monitor, at: 12).first)
    #expect(record.clientCounters.initialFlags == .syn && record.clientCounters.laterFlags.rawValue == 0)
    #expect(record.serverCounters.initialFlags == .rst | .ack && record.serverCounters.unionFlags == .rst | .ack)
  }

  @Test("Who does not ask keeps nothing") func off() {
    var monitor = Monitor(
      MonitorSettings(tracker: TrackerSettings(capacity: 64), retention: .within(Seconds(300), count: 10))
    )
    Closes.refuse(1000..<1003, at: 10, in: &monitor)
    #expect(monitor.takeClosed(at: Instant(nanoseconds: 20_000_000_000), all: true).isEmpty)
  }
}
