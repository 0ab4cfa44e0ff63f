import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// Why connections closed that were there before the monitor.
@Suite struct EarlierConnectionTests {
  @Test func ofWhatTheTableTellsOfAsClosedNoCauseIsAwaited() throws {
    var traffic = Traffic()
    let time = Timestamp(nanoseconds: traffic.now.nanoseconds)
    traffic.monitor.setLocalAddresses(LocalAddresses(addresses: [Traffic.server.address], networks: []))
    let entry = SocketEntry(
      local: Traffic.server,
      remote: Traffic.client(1),
      phase: .timeWait,
      expiry: traffic.now + Seconds(30),
      role: .server
    )
    let reading = TableReading(number: 1, began: traffic.now)
    #expect(traffic.monitor.compare(entry, in: reading, at: traffic.now, time: time) == .adopted)
    traffic.open(Traffic.client(2))
    traffic.send(Traffic.client(2), Traffic.server, Traffic.ack, 101, 501, payload: [0, 1, 2])
    traffic.send(Traffic.server, Traffic.client(2), Traffic.fin | Traffic.ack, 501, 104)
    traffic.send(Traffic.client(2), Traffic.server, Traffic.fin | Traffic.ack, 104, 502)
    let records = traffic.list().records.sorted { $0.serial < $1.serial }
    #expect(records.map(\.closeKind) == [.fin, .fin])
    #expect(records.map(\.causePending) == [false, true])
    #expect(records.allSatisfy { $0.closeCause == nil })
    for _ in 0..<60 { traffic.pass(seconds: 1) }
    let decided = traffic.list().records.sorted { $0.serial < $1.serial }
    #expect(decided.map(\.causePending) == [false, false])
    #expect(decided.map { $0.closeCause == nil } == [true, false])
  }

  /// It may have said something before: only what was seen from its beginning was opened in vain.
  @Test(arguments: [(isSeenOpening: true, cause: CloseCause.probe), (isSeenOpening: false, cause: .unknown)])
  func silenceProvesNothing(isSeenOpening: Bool, cause: CloseCause) {
    var traffic = Traffic()
    if isSeenOpening { traffic.open(Traffic.client(1)) }
    traffic.close(Traffic.client(1))
    let causes = traffic.monitor.snapshot(at: nil).causes.whole
    #expect(causes[cause] == 1 && causes.closes == 1)
  }
}
