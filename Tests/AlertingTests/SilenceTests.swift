import CloseDiagnosis
import Foundation
import PacketDecoding
import Testing

@testable import Alerting

@Suite("Which alerts are silenced")
struct SilenceTests {
  private static func alert(_ subject: AlertSubject) -> AlertStatus {
    let time = Timestamp(nanoseconds: 0)
    var alert = AlertStatus(
      id: "a",
      name: "time-wait",
      state: .firing,
      severity: .warning,
      labels: [Label(name: "metric", value: "time_wait"), Label(name: "side", value: "local")] + subject.labels,
      value: 1,
      raise: 1,
      clear: 1,
      since: time
    )
    alert.subject = subject
    return alert
  }

  private static let service = AlertSubject.service(Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 8081))
  private static let destination = AlertSubject.destination(
    Endpoint(address: IPAddress(high: 0xFD00 << 48, low: 1), port: 443)
  )
  private static let peer = AlertSubject.peer(IPAddress(ipv4: 0x0A01_0203))

  @Test(
    arguments: [
      ("rule=time-wait", .host, true), ("rule=time", .host, false), ("rule~time*", .host, true),
      ("rule!~time*", .host, false), ("severity=warning", .host, true), ("severity!=critical", .host, true),
      ("side=local", .host, true), ("side!=local", .host, false),
      ("service=10.0.0.1:8081", service, true), ("service=10.0.0.1", service, true), ("service=:8081", service, true),
      ("service=10.0.0.0/8", service, true), ("service=10.0.0.0/8:80", service, false),
      ("service=10.0.0.1:8081", .host, false), ("service!=10.0.0.1:8081", .host, true),
      ("service~10.0.0.1:*", service, true), ("destination=10.0.0.1:8081", service, false),
      ("destination=[fd00::1]:443", destination, true), ("destination~*:443", destination, true),
      ("peer=10.1.0.0/16", peer, true), ("peer=10.1.2.3", peer, true), ("peer!=10.1.2.3", peer, false),
      ("peer=10.2.0.0/16", peer, false), ("unit=nginx.service", .unit("nginx.service"), true),
      ("unit~nginx*", .unit("nginx.service"), true), ("unit~nginx*", .host, false), ("unit!~nginx*", .host, true),
      ("unit=a=b", .unit("a=b"), true),
    ] as [(String, AlertSubject, Bool)]
  )
  func matching(_ text: String, _ subject: AlertSubject, _ isSilenced: Bool) throws {
    let matcher = try SilenceMatcher(parsing: text)
    #expect(matcher.matches(Self.alert(subject)) == isSilenced)
    #expect(matcher.text == text)
    #expect(try JSONDecoder().decode([SilenceMatcher].self, from: JSONEncoder().encode([matcher])) == [matcher])
  }

  @Test(arguments: [
    ("", "needs =, !=, ~ or !~"), ("rule", "needs =, !=, ~ or !~"), ("rule:a", "needs =, !=, ~ or !~"),
    ("rule=", "needs a value"), ("colour=red", "there is rule, severity"), ("=a", "there is rule, severity"),
    ("severity=bad", "needs info, warning, critical"), ("side=left", "needs local, remote"),
    ("service=nginx", "an address and a port"), ("peer=10.0.0.1:80", "an address or a network"),
    ("rule=\(String(repeating: "a", count: 257))", "at most 256 octets"), ("a\u{1b}=b", "a\\u{1b}"),
  ])
  func faults(_ text: String, _ said: String) {
    do throws(SilenceFault) {
      _ = try SilenceMatcher(parsing: text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.description.contains(said), "\(error)")
    }
  }

  private static func book(_ matchers: [String], lasting seconds: Int64 = 60) throws -> SilenceBook {
    var book = SilenceBook()
    let matchers = try matchers.map { try SilenceMatcher(parsing: $0) }
    _ = try book.add(matchers, lasting: Seconds(seconds), comment: "", id: "1", at: Timestamp(nanoseconds: 0))
    return book
  }

  @Test(arguments: [(0, "1"), (59, "1"), (60, nil)] as [(Int64, String?)])
  func itHoldsForItsTime(_ second: Int64, _ holder: String?) throws {
    let book = try Self.book(["rule=time-wait", "severity=warning"])
    let time = Timestamp(nanoseconds: second * 1_000_000_000)
    #expect(book.mark([Self.alert(.host)], at: time).map(\.silencedBy) == [holder])
  }

  @Test func allMatchersHaveToFit() throws {
    let book = try Self.book(["rule=time-wait", "severity=critical"])
    #expect(book.mark([Self.alert(.host)], at: Timestamp(nanoseconds: 0)).map(\.silencedBy) == [nil])
  }

  @Test func theNumberIsBounded() throws {
    var book = SilenceBook()
    let rule = try SilenceMatcher(parsing: "rule=a")
    func add(_ id: String, at second: Int64) throws(SilenceFault) {
      let time = Timestamp(nanoseconds: second * 1_000_000_000)
      _ = try book.add([rule], lasting: Seconds(60), comment: "", id: id, at: time)
    }
    for number in 0..<SilenceBook.limit { try add("\(number)", at: 0) }
    #expect(throws: SilenceFault.self) { try add("x", at: 59) }
    // Those that are over make room.
    try add("x", at: 61)
    #expect(book.silences.map(\.id) == ["x"])
    let ended = [book.expire("x"), book.expire("x")]
    #expect(ended.map { $0?.id } == ["x", nil])
  }

  @Test(arguments: [0, 31_622_401])
  func timesThatAreNone(_ seconds: Int64) {
    #expect(throws: SilenceFault.self) { try Self.book(["rule=a"], lasting: seconds) }
  }
}

@Suite("What another version has written")
struct OtherVersionTests {
  @Test func aFindingThatIsNotKnownIsLeftOutAlone() throws {
    let known =
      #"{"id": "client-asks-for-close", "severity": "warning", "summary": "s", "advice": "a", "evidence": []}"#
    let other = #"{"id": "of-the-future", "severity": "warning", "odd": 1}"#
    let severe = known.replacingOccurrences(of: "warning", with: "fatal")
    var evidence = String(decoding: try JSONEncoder().encode(AlertEvidence()), as: UTF8.self)
    evidence = evidence.replacingOccurrences(
      of: #""findings":[]"#,
      with: #""findings":[\#(other),\#(known),\#(severe)]"#
    )
    let read = try JSONDecoder().decode(AlertEvidence.self, from: Data(evidence.utf8))
    #expect(read.findings.map(\.id.rawValue) == ["client-asks-for-close"])
  }
}
