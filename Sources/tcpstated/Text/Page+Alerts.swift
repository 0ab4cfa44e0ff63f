import Alerting

extension Page {
  /// Alerts, firing ones first; a word when there are none.
  mutating func addAlerts(_ alerts: [AlertLine], time: String?) {
    guard !alerts.isEmpty else {
      add("No alerts.", .green)
      return
    }
    var table = TextTable([
      .left("ALERT"), .left("STATE"), .left("SEVERITY"), .right("VALUE"), .right("RAISE"), .left("FOR"),
    ])
    let order = ["firing", "pending"]
    let sorted = alerts.enumerated().sorted { a, b in
      let rankA = order.firstIndex(of: a.element.state) ?? order.count
      let rankB = order.firstIndex(of: b.element.state) ?? order.count
      return (rankA, a.offset) < (rankB, b.offset)
    }
    for (_, alert) in sorted {
      table.add(Self.row(alert, time: time), note: alert.summary.flatMap { $0.isEmpty ? nil : $0 })
    }
    add(table)
  }

  private static func row(_ alert: AlertLine, time: String?) -> [TextTable.Cell] {
    let style: Palette.Style =
      switch alert.state {
      case "firing": .red
      case "pending": .yellow
      default: .plain
      }
    let span = APITime.seconds(from: alert.since, to: alert.resolvedAt ?? time)
    return [
      .init(alert.name, .bold), .init(alert.state + (alert.silencedBy == nil ? "" : ", silenced"), style),
      .init(alert.severity), .init(alert.value.map(FigureText.number) ?? "-"),
      .init(alert.raise.map(FigureText.number) ?? "-"), .init(span.map { Figure.span(seconds: $0) } ?? "-"),
    ]
  }
}
