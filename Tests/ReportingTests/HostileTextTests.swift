import Alerting
import ConnectionTracking
import Foundation
import Monitoring
import PacketDecoding
import Testing

@testable import Reporting

/// Names that others chose, in what programs and terminals read.
@Suite struct HostileTextTests {
  static let names = [
    "\u{1b}[2J\u{1b}]0;x\u{7}", "a\nb 1\n# TYPE evil counter", "a\r\nX: y", "\u{202e}gpj.exe", "\u{2066}x\u{2069}",
    "\"} 1",
    "back\\slash", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u{0}", "\u{85}\u{9b}31m", "{{nonce}}", "😀é",
  ]

  private static func live(_ name: String) -> LiveStatus {
    var live = LiveStatus(version: name, host: name, uptime: Seconds(1))
    live.interfaces = [
      InterfaceStatus(name: name, received: 1, dropped: 0, filter: name, tier: "full", capturing: true)
    ]
    live.alertRules = [AlertRule(name: name, metric: .timeWait, raise: 1)]
    return live
  }

  private static func isHarmless(_ text: String) -> Bool {
    !text.unicodeScalars.contains {
      switch $0.value {
      case 0x0A: false
      case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
  }

  @Test(arguments: names)
  func jsonSaysThemAndShowsNothingElse(_ name: String) throws {
    var record = ConnectionRecord(
      serial: 1,
      client: Endpoint(address: IPAddress(ipv4: 1), port: 1),
      server: Endpoint(address: IPAddress(ipv4: 2), port: 2)
    )
    record.interface = name
    record.namespace = name
    var json = JSONWriter()
    json.object { json in
      json.live(Self.live(name), Snapshot(time: Timestamp(nanoseconds: 0)))
      json.connection("connection", record)
    }
    let text = String(decoding: json.bytes, as: UTF8.self)
    #expect(Self.isHarmless(text) && !text.contains("\n"), "\(text)")
    let read = try #require(try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
    #expect(read["host"] as? String == name)
    #expect((read["connection"] as? [String: Any])?["interface"] as? String == name)
  }

  @Test(arguments: names, [MetricsText.Format.prometheus, .openMetrics])
  func metricsStaySamplesOfALineEach(_ name: String, _ format: MetricsText.Format) {
    let text = MetricsText.write(Snapshot(time: Timestamp(nanoseconds: 0)), Self.live(name), format)
    let plain = MetricsText.write(Snapshot(time: Timestamp(nanoseconds: 0)), Self.live("plain"), format)
    #expect(Self.isHarmless(text), "\(text)")
    #expect(text.split(separator: "\n").count == plain.split(separator: "\n").count)
    let label = #"^tcpstated_[a-z_]+(\{([a-z_]+="([^"\\]|\\["\\n])*",?)*\})? \S+$"#
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.range(of: label, options: .regularExpression) != nil, "\(line)")
    }
  }
}
