import Alerting
import Monitoring
import PacketDecoding

@testable import StatusServer

/// A daemon that has seen little, and says so at once.
struct FuzzSource: StatusSource {
  func snapshot() async -> Snapshot? { Snapshot(time: Timestamp(nanoseconds: 0)) }
  func recording(_ query: RecordingQuery) async -> [UInt8]? { [0x0A, 0x0D, 0x0D, 0x0A] }
  func capture(ofAlert id: String) async -> [UInt8]? { id == "known" ? [0x0A, 0x0D, 0x0D, 0x0A] : nil }

  func history(_ query: HistoryQuery) async -> HistoryAnswer? {
    HistoryAnswer(range: query.range(now: Timestamp(nanoseconds: 0)), rows: .samples([], step: Seconds(60)))
  }

  func live() async -> LiveStatus? { LiveStatus(version: "1.2.3", host: "fuzz", uptime: Seconds(1)) }

  func connections(_ query: ConnectionQuery) async -> ConnectionPage? {
    let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40000)
    let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)
    let record = ConnectionRecord(serial: 1, client: client, server: server)
    return ConnectionPage(time: Timestamp(nanoseconds: 0), records: query.limit > 0 ? [record] : [], next: 7)
  }
}
