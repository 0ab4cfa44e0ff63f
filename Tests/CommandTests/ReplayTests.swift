import Alerting
import PacketCapture
import PacketDecoding
import Settings
import Synchronization
import Testing

@testable import Daemon

/// Alert rules over a capture, in packet time.
@Suite struct ReplayTests {
  private static let server = Frames.End(address: 0x0A00_0002, port: 80)

  /// Connections that the server closes first, ten in a second.
  private static func burst(_ count: Int, from second: UInt32) -> [(second: UInt32, octets: [UInt8])] {
    (0..<count).flatMap { number in
      let client = Frames.End(address: 0x0A00_0001, port: UInt16(20_000 + number))
      return Frames.closedByServer(client, server, second: second + UInt32(number / 10))
    }
  }

  /// `firing@5` for an alert that began to fire at second 5.
  private static func alerts(_ frames: [(second: UInt32, octets: [UInt8])], local: String) throws -> [String] {
    let scratch = try Scratch()
    let path = try scratch.write("replay.pcap", CaptureText.pcap(frames))
    var settings = Settings()
    settings.alerts = settings.alerts.map { rule in
      var rule = rule
      rule.raise = 20
      rule.clear = 16
      rule.hold = Seconds(2)
      return rule
    }
    let worker = WorkerSettings(
      settings: settings,
      interfaces: [],
      listen: nil,
      local: [try #require(Network(local))],
      version: "test",
      host: "test"
    )
    let told = Mutex<[String]>([])
    var replay = Replay(settings: worker) { event in
      told.withLock { $0.append(Self.line(event)) }
    }
    var timeline = try Timeline(paths: [path])
    try timeline.read(into: &replay)
    return told.withLock { $0 }
  }

  private static func line(_ event: AlertEvent) -> String {
    switch event {
    case .fired(let status): "fired@\((status.firedAt?.nanoseconds ?? 0) / 1_000_000_000)"
    case .changed(let status, _): "changed:\(status.severity.rawValue)"
    case .cleared(let status): "cleared@\((status.resolvedAt?.nanoseconds ?? 0) / 1_000_000_000)"
    }
  }

  @Test func firesInPacketTimeAndClearsInAGapWithoutPackets() throws {
    let frames = Self.burst(50, from: 100) + Self.burst(1, from: 1000)
    let told = try Self.alerts(frames, local: "10.0.0.2/32")
    #expect(told == ["fired@104", "cleared@193"])
  }

  @Test func hasNoLocalFiguresWithoutLocalAddresses() throws {
    let frames = Self.burst(50, from: 100) + Self.burst(1, from: 1000)
    #expect(try Self.alerts(frames, local: "192.0.2.1/32") == [])
  }
}
