import Alerting
import Foundation
import PacketDecoding
import Testing

@testable import AlertDelivery

@Suite("What Alertmanager is told")
struct AlertmanagerBookTests {
  /// Looks a second apart, an interval of 10 s: what is said at each (`a` until later, `-a` over), nothing where nothing is.
  @Test(arguments: [
    Story("again after the interval", ["", "a"] + Array(repeating: "a", count: 10), ["2: a", "12: a"]),
    Story("over", ["a", "-a", "-a"], ["1: a", "2: -a"]),
    Story("another severity is another alert", ["a", "A"], ["1: a", "2: A -a"]),
    Story("and back", ["a", "A", "a"], ["1: a", "2: A -a", "3: a -A"]),
    Story("silenced: no word more", ["a", "(a)", "(a)"], ["1: a"]),
    Story("the silence ends", ["(a)", "a"], ["2: a"]),
  ])
  func stories(_ story: Story) throws {
    var book = AlertmanagerBook()
    var said: [String] = []
    for (second, look) in story.looks.enumerated() {
      let time = Timestamp(nanoseconds: moment.nanoseconds + Int64(second) * 1_000_000_000)
      let isNew = book.note(Story.alerts(look), at: time)
      guard isNew || book.isDue(every: Seconds(10), at: time) else { continue }
      let body = book.say(every: Seconds(10), host: "web-1", link: "http://h/", at: time)
      said.append("\(second + 1): \(try Self.words(body, at: time).joined(separator: " "))")
    }
    #expect(said == story.told)
  }

  private static func words(_ body: [UInt8], at time: Timestamp) throws -> [String] {
    try alerts(body).map { alert in
      let labels = try #require(alert["labels"] as? [String: String])
      let letter = labels["severity"] == "critical" ? "A" : "a"
      let ends = try #require(alert["endsAt"] as? String)
      return (ends > time.description ? "" : "-") + letter
    }
  }

  private static func alerts(_ body: [UInt8]) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [[String: Any]])
  }

  @Test func labelsAndAnnotations() throws {
    var book = AlertmanagerBook()
    var alert = AlertStatus.firing
    alert.capture = "/var/lib/tcpstated/captures/x.pcapng"
    _ = book.note([alert], at: moment)
    let body = book.say(every: Seconds(60), host: "web-1", link: "http://127.0.0.1:11060/", at: moment)
    let said = try #require(try Self.alerts(body).first)
    #expect(
      said["labels"] as? [String: String] == [
        "alertname": "time-wait", "severity": "warning", "instance": "web-1", "site": "fra1", "metric": "time_wait",
      ]
    )
    #expect(
      said["annotations"] as? [String: String] == [
        "summary": "312 TIME_WAIT on this host (threshold 300)", "value": "312", "alert_id": "00c0ffee0001",
        "capture": "/var/lib/tcpstated/captures/x.pcapng",
      ]
    )
    #expect(said["startsAt"] as? String == moment.description)
    #expect(said["endsAt"] as? String == Timestamp(nanoseconds: moment.nanoseconds + 240_000_000_000).description)
    #expect(said["generatorURL"] as? String == "http://127.0.0.1:11060/")
  }

  @Test func itIsOverAfterARestartToo() throws {
    var book = AlertmanagerBook()
    _ = book.note(Story.alerts("a"), at: moment)
    book = try JSONDecoder().decode(AlertmanagerBook.self, from: JSONEncoder().encode(book))
    let isNew = book.note([], at: moment)
    let body = book.say(every: Seconds(10), host: "h", link: "", at: moment)
    #expect(isNew)
    #expect(try Self.words(body, at: moment) == ["-a"])
    // Said for a quarter of an hour.
    let later = Timestamp(nanoseconds: moment.nanoseconds + 901_000_000_000)
    _ = book.note([], at: later)
    #expect(!book.isDue(every: Seconds(10), at: later))
  }
}
