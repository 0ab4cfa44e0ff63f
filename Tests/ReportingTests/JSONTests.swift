import CloseDiagnosis
import ConnectionTracking
import Foundation
import Monitoring
import PacketDecoding
import StateAccounting
import Testing

@testable import Reporting

@Suite struct JSONTests {
  private func pretty(_ build: (inout JSONWriter) -> Void) throws -> String {
    var json = JSONWriter(pretty: true)
    json.object(nil, build)
    _ = try JSONSerialization.jsonObject(with: Data(json.bytes))
    return String(decoding: json.bytes, as: UTF8.self) + "\n"
  }

  @Test func status() throws {
    let (snapshot, live) = (try Fixtures.snapshot(), Fixtures.live())
    let text = try pretty { json in
      json.figures(snapshot, truncated: false)
      json.live(live, snapshot)
    }
    try Golden.expect(text, "status.json")
  }

  @Test func connections() throws {
    let records = try Fixtures.records()
    let text = try pretty { json in
      json.array("connections") { json in
        for record in records { json.connection(nil, record) }
      }
    }
    try Golden.expect(text, "connections.json")
  }

  @Test func servicesAndPeers() throws {
    let accounts = try Fixtures.snapshot().accounts
    let text = try pretty { json in
      json.services(accounts.services, CauseReport())
      json.peers(accounts.peers)
    }
    try Golden.expect(text, "services.json")
  }

  @Test func alerts() throws {
    let snapshot = try Fixtures.snapshot()
    try Golden.expect(try pretty { $0.alerts(snapshot.alerts) }, "alerts.json")
  }

  @Test func figuresOfTheContractAddUp() throws {
    let accounts = try Fixtures.snapshot().accounts
    #expect(accounts.closedFirst.total == accounts.connections)
    #expect(accounts.closeKind.total == accounts.connections)
    #expect(accounts.closeKind[.none] == accounts.open)
  }

  @Test(arguments: [
    ("plain", "\"plain\""), ("a\"b\\c", "\"a\\\"b\\\\c\""),
    ("\u{0}\u{1F}\u{7F}\u{9F}", "\"\\u0000\\u001f\\u007f\\u009f\""),
    ("\r\n\t", "\"\\r\\n\\t\""), ("é😀\u{2028}", "\"é😀\\u2028\""),
  ])
  func escapes(_ text: String, _ expected: String) throws {
    var json = JSONWriter()
    json.array { $0.member(nil, text) }
    #expect(String(decoding: json.bytes, as: UTF8.self) == "[\(expected)]")
    #expect(try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String] == [text])
  }

  @Test(
    arguments: [
      (0, "0"), (1.5, "1.5"), (-2, "-2"), (1e20, "1e+20"), (.nan, "null"), (.infinity, "null"), (0.1, "0.1"),
    ] as [(Double, String)]
  )
  func numbers(_ value: Double, _ expected: String) {
    var json = JSONWriter()
    json.array { $0.member(nil, value) }
    #expect(String(decoding: json.bytes, as: UTF8.self) == "[\(expected)]")
  }

  @Test func communityIDIsThatOfOtherTools() throws {
    // The first two of the examples in the specification.
    let ends = try #require(Fixtures.endpoints("128.232.110.120", 34855, "66.35.250.204", 80))
    #expect(CommunityID.text(client: ends.0, server: ends.1) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
    #expect(CommunityID.text(client: ends.1, server: ends.0) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
  }
}
