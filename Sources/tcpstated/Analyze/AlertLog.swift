import Alerting
import PacketDecoding

/// What rules said of a file, in order.
final class AlertLog {
  private(set) var events: [AlertEvent] = []

  func add(_ event: AlertEvent) { events.append(event) }
}

/// One alert of a file: its last word, and when it began, changed and ended.
struct AlertStory {
  let last: AlertStatus
  /// As it was when it fired.
  let first: AlertStatus

  /// Its last word with the evidence of its first.
  var told: AlertStatus {
    var told = last
    told.evidence = first.evidence
    told.summary = first.summary
    return told
  }

  /// In the order of their firing.
  static func stories(of events: [AlertEvent]) -> [AlertStory] {
    var order: [String] = []
    var stories: [String: AlertStory] = [:]
    for event in events {
      let status = event.status
      if stories[status.id] == nil { order.append(status.id) }
      stories[status.id] = AlertStory(last: status, first: stories[status.id]?.first ?? status)
    }
    return order.compactMap { stories[$0] }
  }
}

extension Page {
  /// What rules would have said of a capture file, and when.
  mutating func add(_ stories: [AlertStory]) {
    add("Alerts", .bold)
    guard !stories.isEmpty else {
      add("No rule would have fired.", .green)
      return
    }
    var table = TextTable([
      .left("ALERT"), .left("SEVERITY"), .left("FIRED"), .left("CLEARED"), .right("PEAK"), .right("RAISE"),
    ])
    for story in stories {
      let cells: [TextTable.Cell] = [
        .init(story.first.name, .bold), .init(story.last.severity.rawValue),
        .init(story.first.firedAt?.description ?? "-"), .init(story.last.resolvedAt?.description ?? "still firing"),
        .init(FigureText.number(story.last.peak ?? story.last.value)), .init(FigureText.number(story.first.raise)),
      ]
      table.add(cells, note: story.first.summary)
    }
    add(table)
  }
}
