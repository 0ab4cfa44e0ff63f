import Foundation
import Monitoring

extension Page {
  mutating func add(_ document: HistoryDocument, _ subject: HistoryQuery.Subject) {
    let clock = PastClock(since: document.since, until: document.until)
    if let samples = document.samples {
      addOrSayNothing(samples.first?.address == nil ? Self.figures(samples, clock) : Self.ports(samples, clock))
    }
    if let services = document.services { addOrSayNothing(Self.services(services)) }
    if let destinations = document.destinations { addOrSayNothing(Self.ports(destinations, clock)) }
    if let causes = document.causes { addOrSayNothing(Self.causes(causes)) }
    if let alerts = document.alerts { addOrSayNothing(Self.alerts(alerts, clock)) }
    if let findings = document.findings { addPast(findings, clock) }
  }

  private mutating func addOrSayNothing(_ table: TextTable) {
    if table.rows.isEmpty { add("Nothing is known of that time.") } else { add(table) }
  }

  private static func figures(_ samples: [HistoryDocument.Sample], _ clock: PastClock) -> TextTable {
    let hasTransit = samples.contains { ($0.timeWait["transit"] ?? 0) > 0 }
    var table = TextTable(
      [.left("TIME"), .right("TIME_WAIT HERE"), .right("FAR ENDS")] + (hasTransit ? [.right("PASSING")] : []) + [
        .right("SERVERS"), .right("CLIENTS"), .right("OPEN"), .right("OPENED"), .right("CLOSED"),
        .left("CLOSED FIRST"),
      ]
    )
    for sample in samples {
      let ends = sample.timeWait
      table.add(
        [.init(clock.text(sample.time)), .init(ends["local"]), .init(ends["remote"])]
          + (hasTransit ? [.init(ends["transit"])] : []) + [
            .init(ends["server"]), .init(ends["client"]), .init(sample.open), .init(sample.opened),
            .init(sample.closed), .init(mostlyClosed(sample.closedFirst ?? [:])),
          ]
      )
    }
    return table
  }

  private static func services(_ services: [HistoryDocument.Sample]) -> TextTable {
    var table = TextTable([
      .left("SERVICE"), .right("OPENED"), .right("CLOSED"), .left("CLOSED FIRST"), .right("SERVER TIME_WAIT"),
      .right("CLIENT TIME_WAIT"), .right("OPEN"), .left("MAINLY WHY"),
    ])
    for service in services {
      table.add([
        .init(service.service ?? "-"), .init(service.opened), .init(service.closed),
        .init(mostlyClosed(service.closedFirst ?? [:])), .init(service.timeWait["server"]),
        .init(service.timeWait["client"]), .init(service.open), .init(mostlyBecause(service.closeCause ?? [:])),
      ])
    }
    return table
  }

  private static func ports(_ samples: [HistoryDocument.Sample], _ clock: PastClock) -> TextTable {
    let isTimed = samples.contains { $0.time != nil }
    var table = TextTable(
      (isTimed ? [.left("TIME")] : []) + [
        .left("FROM"), .left("DESTINATION"), .right("PORTS"), .right("TIME_WAIT"), .right("REFUSED"),
        .right("UNANSWERED"),
      ]
    )
    for sample in samples {
      table.add(
        (isTimed ? [.init(clock.text(sample.time))] : []) + [
          .init(sample.address ?? "-"), .init(sample.destination ?? "-"), .init(sample.portsUsed),
          .init(sample.timeWait["ports"]), .init(sample.refused), .init(sample.unanswered),
        ]
      )
    }
    return table
  }

  private static func causes(_ causes: [HistoryDocument.Cause]) -> TextTable {
    let total = causes.reduce(0) { $0 + $1.count }
    var table = TextTable([.left("CAUSE"), .right("CLOSED"), .right("SHARE")])
    for cause in causes {
      table.add([.init(cause.cause), .init(cause.count), .init(Figure.share(cause.count, of: total))])
    }
    return table
  }

  private static func alerts(_ alerts: [AlertLine], _ clock: PastClock) -> TextTable {
    var table = TextTable([
      .left("SINCE"), .left("RESOLVED"), .left("ALERT"), .left("STATE"), .left("SEVERITY"), .right("VALUE"),
    ])
    for alert in alerts {
      let value = alert.value.map { Figure.count(Int(clamping: Int64($0.rounded()))) } ?? "-"
      table.add(
        [
          .init(clock.text(alert.since)), .init(clock.text(alert.resolvedAt)), .init(alert.name, .bold),
          .init(alert.state, alert.isFiring ? .red : .plain), .init(alert.severity), .init(value),
        ],
        note: alert.summary
      )
    }
    return table
  }

  private mutating func addPast(_ findings: [HistoryDocument.PastFinding], _ clock: PastClock) {
    if findings.isEmpty { add("Nothing is known of that time.") }
    for finding in findings {
      add("\(clock.text(finding.first)) to \(clock.text(finding.last))")
      addFindings([
        FindingLine(id: finding.id, severity: finding.severity, summary: finding.summary, advice: finding.advice)
      ])
    }
  }
}

/// Times of this machine's clock; with the day where there are several.
private struct PastClock {
  private let hasDays: Bool

  init(since: String?, until: String?) {
    guard let since = APITime.date(since), let until = APITime.date(until) else {
      hasDays = true
      return
    }
    hasDays = !Calendar.current.isDate(since, inSameDayAs: until)
  }

  func text(_ time: String?) -> String {
    guard let date = APITime.date(time) else { return "-" }
    let parts = Calendar.current.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    func two(_ number: Int?) -> String { String((number ?? 0) + 100).suffix(2).description }
    let seconds = (parts.second ?? 0) == 0 ? "" : ":\(two(parts.second))"
    let clock = "\(two(parts.hour)):\(two(parts.minute))\(seconds)"
    return hasDays ? "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) \(clock)" : clock
  }
}
