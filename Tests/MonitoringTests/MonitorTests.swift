import ConnectionTracking
import PacketDecoding
import StateAccounting
import Testing

@testable import Monitoring

@Suite struct MonitorTests {
  private func snapshot(_ traffic: inout Traffic) -> Snapshot {
    traffic.monitor.snapshot(at: Timestamp(nanoseconds: traffic.now.nanoseconds))
  }

  @Test func countsWhatCameIn() {
    var traffic = Traffic()
    traffic.open(Traffic.client(1))
    traffic.ingest([1, 2, 3])
    let ingest = snapshot(&traffic).ingest
    #expect(ingest.packets == 4)
    #expect(ingest.tcpPackets == 3)
    #expect(ingest.undecoded.values.reduce(0, +) == 1)
  }

  /// Of the frames of a file, in order or not.
  @Test(arguments: [[5, 7, 7, 9], [5, 3, 9, 4], [9, 5], [5, 90_000_000_000_000, 1], [4]] as [[Int64]])
  func spanIsThatOfAllFrames(times: [Int64]) {
    var traffic = Traffic()
    let frame = Traffic.frame(Traffic.client(1), Traffic.server, Traffic.syn, 100, 0, [])
    let count = UInt32(frame.count)
    let records = times.map { FrameRecord(start: 0, count: count, nanoseconds: $0, wireLength: count) }
    unsafe traffic.monitor.ingest(frame.span.bytes, records.span, decoders: [FrameDecoder(linkType: .ethernet)])
    let snapshot = snapshot(&traffic)
    #expect(snapshot.first?.nanoseconds == times.min() && snapshot.last?.nanoseconds == times.max())
  }

  @Test func figuresAddUp() {
    var traffic = Traffic()
    for port in UInt16(1)...30 { traffic.open(Traffic.client(port)) }
    for port in UInt16(1)...10 { traffic.close(Traffic.client(port)) }
    for port in UInt16(11)...15 { traffic.reset(Traffic.client(port)) }
    let accounts = snapshot(&traffic).accounts
    #expect(accounts.connections == 30)
    #expect(accounts.open == 15)
    #expect(accounts.closeKind.total == 30)
    #expect(accounts.closedFirst.total == 30)
    #expect((accounts.closedFirst[.server], accounts.closedFirst[.client]) == (10, 5))
    #expect(accounts.server[.timeWait] == 10)
    #expect(accounts.server[.established] == 15)
  }

  @Test func timeWaitRunsOutAndItsPeakStays() {
    var traffic = Traffic()
    for port in UInt16(1)...10 {
      traffic.open(Traffic.client(port))
      traffic.close(Traffic.client(port))
    }
    for _ in 0..<59 { traffic.pass(seconds: 1) }
    #expect(snapshot(&traffic).accounts.server[.timeWait] == 10)
    for _ in 0..<3 { traffic.pass(seconds: 1) }
    let accounts = snapshot(&traffic).accounts
    #expect(accounts.server[.timeWait] == 0)
    #expect(accounts.peakTimeWaitServer == 10)
    #expect(accounts.connections == 10)
  }

  @Test func duplicateIsCountedWhereItCameAgain() {
    var traffic = Traffic()
    traffic.open(Traffic.client(1))
    traffic.send(Traffic.client(1), Traffic.server, Traffic.ack, 101, 501, interface: 3)
    let ingest = snapshot(&traffic).ingest
    #expect(ingest.duplicates(onInterface: 3) == 1)
    #expect(ingest.duplicates.reduce(0, +) == 1)
    #expect(ingest.duplicates(onInterface: 1000) == 0)
  }

  @Test func ownConnectionsAreInNoFigure() {
    var traffic = Traffic()
    traffic.monitor.setLocalAddresses(LocalAddresses(addresses: [Traffic.server.address], networks: []))
    traffic.monitor.ownListeners = OwnListeners([Traffic.server])
    traffic.open(Traffic.client(1))
    var snapshot = snapshot(&traffic)
    #expect(snapshot.ingest.own == 3)
    #expect(snapshot.ingest.packets == 0)
    #expect((snapshot.first, snapshot.last) == (nil, nil))
    traffic.open(Traffic.client(1), Endpoint(address: Traffic.server.address, port: 81))
    snapshot = self.snapshot(&traffic)
    #expect(snapshot.ingest.own == 3)
    #expect(snapshot.ingest.packets == 3)
    #expect(snapshot.ingest.tcpPackets == 3)
    #expect(snapshot.accounts.connections == 1)
  }

  @Test func servicesAreNumberedAsTheyCame() {
    var traffic = Traffic()
    for port in UInt16(1)...3 {
      traffic.open(Traffic.client(port), Endpoint(address: Traffic.server.address, port: 8000 + port))
    }
    for port in UInt16(10)...20 {
      traffic.open(Traffic.client(port), Endpoint(address: Traffic.server.address, port: 8003))
    }
    let services = snapshot(&traffic).accounts.services
    #expect(services.map(\.service.port) == [8003, 8001, 8002])
    #expect(services.sorted { $0.number < $1.number }.map(\.service.port) == [8001, 8002, 8003])
  }

  @Test func fullTableShedsAndCounts() {
    var traffic = Traffic(capacity: 10)
    for port in UInt16(1)...25 { traffic.open(Traffic.client(port)) }
    let snapshot = snapshot(&traffic)
    #expect(snapshot.table.used <= 10)
    #expect(snapshot.table.evicted == 25 - snapshot.table.used)
    #expect(snapshot.accounts.connections == 25)
  }
}
