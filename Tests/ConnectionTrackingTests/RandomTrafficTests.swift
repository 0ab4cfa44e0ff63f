import PacketDecoding
import Testing

@testable import ConnectionTracking

/// The tracker against a naive one, on random segments.
@Suite struct RandomTrafficTests {
  /// What both must say of a connection.
  struct Account: Hashable, Comparable {
    var serial: UInt64
    var standing: Standing
    var history: String
    var connState: String
    var packets: [UInt64]
    var heldTimeWait: [Bool]

    init(_ connection: ConnectionView) {
      serial = connection.detail.serial
      standing = connection.standing
      history = connection.history.description
      connState = connection.connState.rawValue
      packets = Role.allCases.map(connection.packets(of:))
      heldTimeWait = Role.allCases.map(connection.heldTimeWait)
    }

    static func < (a: Account, b: Account) -> Bool { a.serial < b.serial }
  }

  @Test(arguments: 1...16 as ClosedRange<UInt64>)
  func agreesWithTheNaiveOne(seed: UInt64) {
    var traffic = RandomTraffic(seed: seed)
    let settings = TrackerSettings(capacity: 1000)
    var tracker = Tracker(settings: settings)
    var recorder = Recorder()
    var naive = NaiveTracker(settings: settings)
    var now = Instant(nanoseconds: 0)
    for step in 0..<2000 {
      let packet = traffic.next()
      now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
      let captured = Timestamp(nanoseconds: now.nanoseconds)
      tracker.receive(packet.segment, interface: packet.interface, at: now, captured: captured, observer: &recorder)
      naive.receive(packet.segment, interface: packet.interface, at: now)
      guard step % 5 == 0 else { continue }
      var tracked: [Account] = []
      for number in 0..<tracker.table.slotLimit {
        if let connection = tracker.table.connection(atNumber: number) { tracked.append(Account(connection)) }
      }
      let expected = naive.connections.map { Account($1.view($0)) }
      guard tracked.sorted() == expected.sorted() else {
        Issue.record("step \(step): \(tracked.sorted()) is not \(expected.sorted())")
        return
      }
    }
    #expect(recorder.left.map(Account.init).sorted() == naive.ended.map(Account.init).sorted())
    #expect(tracker.duplicates.reduce(0, +) == naive.duplicates)
    #expect(recorder.left.count > 20)
  }

  /// Every change that was reported, from opening to end, adds up to what the table holds.
  @Test(arguments: 31...40 as ClosedRange<UInt64>, [3, 12, 1000])
  func reportsEveryChange(seed: UInt64, capacity: Int) {
    var traffic = RandomTraffic(seed: seed)
    var tracker = Tracker(settings: TrackerSettings(capacity: capacity))
    var recorder = Recorder()
    var now = Instant(nanoseconds: 0)
    for _ in 0..<3000 {
      let packet = traffic.next()
      now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
      let captured = Timestamp(nanoseconds: now.nanoseconds)
      tracker.receive(packet.segment, interface: packet.interface, at: now, captured: captured, observer: &recorder)
    }
    var tracked = 0
    for number in 0..<tracker.table.slotLimit {
      guard let connection = tracker.table.connection(atNumber: number) else { continue }
      tracked += 1
      #expect(recorder.standings[Int(connection.detail.account.service)] == connection.standing)
    }
    #expect(tracked == tracker.trackedCount)
    #expect(tracked <= capacity)
    #expect(recorder.standings.count == tracked + recorder.left.count)
    for connection in recorder.left {
      #expect(connection.standing == recorder.standings[Int(connection.detail.account.service)])
      #expect(connection.standing.closeKind != .none)
    }
  }
}
