import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

@Suite struct AwaitedClosesTests {
  /// What the kernel's table told of as closed may turn out to have been opened after that, and ends again.
  @Test func oneThatEndsTwiceHoldsNobodyUp() throws {
    var traffic = Traffic()
    for port in UInt16(1)...2 { traffic.open(Traffic.client(port)) }
    var connections: [ConnectionView] = []
    traffic.monitor.forEachTracked { connections.append($0) }
    try #require(connections.count == 2)
    var awaited = AwaitedCloses()
    for connection in [connections[0], connections[0], connections[1]] { awaited.end(connection, at: traffic.now) }
    for connection in connections { awaited.decide(connection.detail.serial, CauseVerdict(.noPool)) }
    var handed: [UInt64] = []
    awaited.take(at: traffic.now + Seconds(10)) { serial, _, _ in handed.append(serial) }
    #expect(handed == connections.map(\.detail.serial))
  }
}
