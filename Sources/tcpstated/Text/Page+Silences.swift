extension Page {
  mutating func addSilences(_ silences: [SilenceLine], time: String?) {
    guard !silences.isEmpty else {
      add("No silences.")
      return
    }
    var table = TextTable([
      .left("SILENCE"), .right("FOR ANOTHER"), .right("ALERTS"), .left("MATCHERS"), .left("COMMENT"),
    ])
    for silence in silences {
      let rest = APITime.seconds(from: time, to: silence.endsAt)
      table.add([
        .init(silence.id, .bold), .init(rest.map { Figure.span(seconds: max($0, 0)) } ?? "-"),
        .init(silence.alerts?.count ?? 0), .init(silence.matchers.joined(separator: " ")), .init(silence.comment ?? ""),
      ])
    }
    add(table)
  }

  /// Servers that alerts are sent to, and how it goes.
  static func deliveries(_ deliveries: [StatusDocument.Delivery]) -> [String] {
    deliveries.map { delivery in
      var line = "\(delivery.kind) \(delivery.name): \(Figure.count(delivery.delivered)) delivered"
      if delivery.waiting > 0 { line += ", \(Figure.count(delivery.waiting)) waiting" }
      if delivery.failed > 0 { line += ", \(Figure.count(delivery.failed)) failed" }
      if delivery.dropped > 0 { line += ", \(Figure.count(delivery.dropped)) dropped" }
      if let error = delivery.lastError { line += "; \(error)" }
      return line
    }
  }
}
