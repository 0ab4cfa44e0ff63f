import Alerting
import Foundation
import PacketDecoding
import Testing

@testable import AlertDelivery

/// What fires at each look, and what is told of it.
struct Story: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Alerts at one look: `a` fires, `A` is critical, `(a)` is silenced, `-a` was resolved.
  let looks: [String]
  let told: [String]

  init(_ name: String, _ looks: [String], _ told: [String]) {
    testDescription = name
    self.looks = looks
    self.told = told
  }

  static func alerts(_ look: String) -> [AlertStatus] {
    look.split(separator: " ").map { word in
      let letter = word.filter(\.isLetter)
      var alert = AlertStatus.firing
      alert.id = letter.lowercased()
      alert.severity = letter == letter.uppercased() ? .critical : .warning
      if word.hasPrefix("(") { alert.silencedBy = "x" }
      if word.hasPrefix("-") {
        alert.state = .resolved
        alert.resolvedAt = moment
      }
      return alert
    }
  }
}

@Suite("What a webhook is told")
struct NotificationBookTests {
  @Test(arguments: [
    Story("it fires and is over", ["", "a", "a", "-a", "-a"], ["a.1 fired", "a.2 resolved"]),
    Story("over without a word of it", ["a", ""], ["a.1 fired", "a.2 resolved"]),
    Story("worse and better", ["a", "A", "A", "a", ""], ["a.1 fired", "a.2 changed", "a.3 changed", "a.4 resolved"]),
    Story("two at once", ["a b", "b", ""], ["a.1 fired", "b.1 fired", "a.2 resolved", "b.2 resolved"]),
    Story("silenced from the first", ["(a)", "(a)", "-a"], []),
    Story("the silence ends", ["(a)", "a", "-a"], ["a.1 fired", "a.2 resolved"]),
    Story("silenced later, and over", ["a", "(a)", "-a"], ["a.1 fired", "a.2 resolved"]),
    Story("worse under a silence", ["a", "(A)", "A"], ["a.1 fired", "a.2 changed"]),
    Story("resolved is no news", ["-a"], []),
  ])
  func stories(_ story: Story) throws {
    var book = NotificationBook()
    // A restart after each look: nothing is told twice.
    for look in story.looks {
      let isNew = book.note(Story.alerts(look), host: "web-1", at: moment)
      let count = book.waiting.count
      book = try JSONDecoder().decode(NotificationBook.self, from: JSONEncoder().encode(book))
      let again = book.note(Story.alerts(look), host: "web-1", at: moment)
      #expect(!again && book.waiting.count == count, "\(look), \(isNew)")
    }
    #expect(try book.waiting.map { "\($0.id) \(try Self.document($0)["event"] as? String ?? "")" } == story.told)
  }

  private static func document(_ notification: AlertDelivery.Notification) throws -> [String: Any] {
    let document = try JSONSerialization.jsonObject(with: Data(notification.body.utf8))
    return try #require(document as? [String: Any])
  }

  @Test func aDocumentSaysAllOfIt() throws {
    var book = NotificationBook()
    _ = book.note(Story.alerts("a"), host: "web-1", at: moment)
    _ = book.note(Story.alerts("A"), host: "web-1", at: moment)
    let document = try Self.document(book.waiting[1])
    #expect(document["id"] as? String == "a.2")
    #expect(document["host"] as? String == "web-1")
    #expect(document["previous_severity"] as? String == "warning")
    let alert = try #require(document["alert"] as? [String: Any])
    #expect(alert["severity"] as? String == "critical")
    #expect((alert["evidence"] as? [String: Any])?["services"] != nil)
  }

  @Test func whatFindsNoRoomIsToldWhenThereIsSome() {
    var book = NotificationBook()
    let alerts = (0..<NotificationBook.waitingLimit + 2).map { number in
      var alert = AlertStatus.firing
      alert.id = "\(number)"
      return alert
    }
    _ = book.note(alerts, host: "web-1", at: moment)
    #expect(book.waiting.count == NotificationBook.waitingLimit)
    book.settle(book.waiting[0].id)
    _ = book.note(Array(alerts.dropLast()), host: "web-1", at: moment)
    #expect(book.waiting.last?.id == "\(NotificationBook.waitingLimit).1")
    // The last one was over before there was room.
    #expect(book.dropped == 1)
  }

  @Test func octetsAreBoundedToo() {
    var book = NotificationBook()
    var alert = AlertStatus.firing
    alert.summary = String(repeating: "x", count: NotificationBook.sizeLimit)
    let isNew = book.note([alert], host: "web-1", at: moment)
    #expect(!isNew)
  }
}
