import ConnectionTracking
import PacketDecoding
import StateAccounting
import TestNumbers
import Testing

@testable import Monitoring

/// Frames that are handed over together are taken as they would be one by one.
@Suite struct BatchTests {
  private static let listener = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 9000)
  private static let decoders = [FrameDecoder](repeating: FrameDecoder(linkType: .ethernet), count: 2)

  private static func monitor() -> Monitor {
    let tracker = TrackerSettings(capacity: 10_000)
    var monitor = Monitor(MonitorSettings(tracker: tracker, retention: .within(.zero, count: 0)))
    monitor.ownListeners = OwnListeners([listener])
    return monitor
  }

  /// Openings and closes, and between them what is no usual frame: with a tag, of another protocol, cut, the daemon's
  /// own, and of a port that is like its own.
  private static func frame(_ random: inout SplitMix) -> [UInt8] {
    let client = Traffic.client(UInt16(random.below(200)))
    let flags = [Traffic.syn, Traffic.ack, Traffic.ack, Traffic.fin | Traffic.ack, Traffic.rst][random.below(5)]
    let likeOwn = Endpoint(address: listener.address, port: listener.port + 64)
    let server = [Traffic.server, Traffic.server, Traffic.server, listener, likeOwn][random.below(5)]
    let isSent = random.below(2) == 0
    let payload = [UInt8](repeating: 65, count: random.below(3))
    var frame = Traffic.frame(isSent ? client : server, isSent ? server : client, flags, 100, 100, payload)
    switch random.below(12) {
    case 0: frame.insert(contentsOf: [0x81, 0, 0, 7], at: 12)
    case 1: frame[23] = 17
    case 2: frame.removeLast(frame.count - random.below(50))
    default: break
    }
    return frame
  }

  private func figures(_ monitor: inout Monitor) -> String {
    monitor.finish()
    let snapshot = monitor.snapshot(at: Timestamp(nanoseconds: 0))
    let (ingest, accounts) = (snapshot.ingest, snapshot.accounts)
    let counts = [ingest.packets, ingest.tcpPackets, ingest.own, accounts.connections, accounts.open]
    let kinds = ingest.undecoded.merging(ingest.anomalies) { $0 + $1 }.sorted { $0.key < $1.key }
    let span = [snapshot.first, snapshot.last].map { $0?.nanoseconds ?? 0 }
    return "\(counts) \(kinds) \(ingest.duplicates) \(accounts.closeKind) \(span)"
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func areTakenAsOneByOne(seed: UInt64) {
    var random = SplitMix(state: seed)
    var together = Self.monitor()
    var single = Self.monitor()
    var time: Int64 = 1_000_000_000
    for _ in 0..<20 {
      var octets: [UInt8] = []
      var records: [FrameRecord] = []
      for _ in 0..<1 + random.below(200) {
        // Also back, and by more than a day.
        let isLong = random.below(100) == 0
        time += isLong ? 90_000_000_000_000 : [0, 1_000, 1_000_000, -500, 300_000_000][random.below(5)]
        let frame = Self.frame(&random)
        let record = FrameRecord(
          start: octets.count,
          count: UInt32(frame.count),
          nanoseconds: time,
          wireLength: UInt32(frame.count),
          interface: UInt16(random.below(8) / 7)
        )
        octets += frame
        records.append(record)
        unsafe single.ingest(
          frame.span.bytes,
          wireLength: record.info.wireLength,
          captured: record.info.timestamp,
          interface: UInt8(record.info.interface),
          decoder: Self.decoders[0]
        )
      }
      unsafe together.ingest(octets.span.bytes, records.span, decoders: Self.decoders)
    }
    let (found, expected) = (figures(&together), figures(&single))
    #expect(found == expected)
    let (own, packets) = (single.ingest.own, single.ingest.packets)
    #expect(own > 10 && packets > 1000)
  }
}
