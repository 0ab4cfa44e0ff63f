internal import Alerting
internal import CloseDiagnosis
internal import PacketDecoding
internal import Reporting

/// What Prometheus Alertmanager (API v2) is to know: what fires is said again and again, with the time at which it would be
/// over if nothing more were said; what is over is said for some minutes, with the time at which it ended.
struct AlertmanagerBook: Codable, Sendable {
  /// What was said to fire, by alert and severity.
  private var firing: [String: AlertStatus] = [:]
  private var ended: [Ended] = []
  private var saidAt: Timestamp?

  private struct Ended: Codable, Sendable {
    var alert: AlertStatus
    var at: Timestamp
  }

  private enum CodingKeys: String, CodingKey {
    case firing, ended
  }

  /// Firing alerts end by themselves after so many intervals of silence, as those of Prometheus do.
  private static let patience: Int64 = 4
  private static let endedFor = Seconds(900)
  private static let endedLimit = 500

  init() {}

  /// Takes what fires now; whether it differs from what was said.
  mutating func note(_ alerts: [AlertStatus], at time: Timestamp) -> Bool {
    let now = alerts.filter { $0.state == .firing && $0.silencedBy == nil }
    let current = Dictionary(now.map { ($0.saidAs, $0.withoutEvidence) }) { first, _ in first }
    let silenced = Set(alerts.filter { $0.silencedBy != nil }.map(\.id))
    // One that is silenced is said no more, and not said to be over.
    let over = firing.filter { current[$0.key] == nil && !silenced.contains($0.value.id) }
    for (_, last) in over.sorted(by: { $0.key < $1.key }) {
      var alert = last
      alert.resolvedAt = alerts.first { $0.id == last.id }?.resolvedAt ?? time
      ended.append(Ended(alert: alert, at: time))
    }
    ended.removeAll { time.nanoseconds &- $0.at.nanoseconds > Self.endedFor.nanoseconds }
    ended.removeFirst(max(0, ended.count - Self.endedLimit))
    let isNew = !over.isEmpty || current.keys.contains { firing[$0] == nil }
    firing = current
    return isNew
  }

  /// Whether it is time to say it again. A wall clock that was put back makes it so, too.
  func isDue(every interval: Seconds, at time: Timestamp) -> Bool {
    guard !firing.isEmpty || !ended.isEmpty else { return false }
    guard let saidAt else { return true }
    return !(0..<interval.nanoseconds).contains(time.nanoseconds &- saidAt.nanoseconds)
  }

  /// The body of a request.
  mutating func say(every interval: Seconds, host: String, link: String, at time: Timestamp) -> [UInt8] {
    saidAt = time
    let end = Timestamp(nanoseconds: time.nanoseconds &+ interval.nanoseconds &* Self.patience)
    let present = firing.values.sorted { ($0.since, $0.id) < ($1.since, $1.id) }
    let known = Set(present.map(\.identity))
    var json = JSONWriter()
    json.array { json in
      for alert in present { json.alertmanager(alert, host, link, end: end) }
      // The same may have begun again since.
      for last in ended where !known.contains(last.alert.identity) {
        json.alertmanager(last.alert, host, link, end: last.alert.resolvedAt ?? last.at)
      }
    }
    return json.bytes
  }
}

extension AlertStatus {
  /// Severity is a label: to Alertmanager another one is another alert.
  fileprivate var saidAs: String { "\(id)/\(severity.rawValue)" }

  /// What Alertmanager tells alerts apart by.
  fileprivate var identity: [String] { [name, severity.rawValue] + labels.flatMap { [$0.name, $0.value] } }

  /// All that is said of it: of what stands behind it, the worst finding.
  fileprivate var withoutEvidence: AlertStatus {
    var short = self
    short.evidence = AlertEvidence()
    short.evidence.findings = Array(evidence.findings.prefix(1))
    return short
  }
}

extension JSONWriter {
  fileprivate mutating func alertmanager(_ alert: AlertStatus, _ host: String, _ link: String, end: Timestamp) {
    object { json in
      json.object("labels") { json in
        json.member("alertname", alert.name)
        json.member("severity", alert.severity.rawValue)
        // As a scraper would name it, unless the configuration does.
        if !alert.labels.contains(where: { $0.name == "instance" }) { json.member("instance", host) }
        for label in alert.labels { json.member(label.name, label.value) }
      }
      json.object("annotations") { json in
        json.member("summary", alert.summary)
        json.member("value", FigureText.number(alert.value))
        json.member("alert_id", alert.id)
        if let finding = alert.evidence.findings.first { json.member("advice", finding.advice) }
        if let capture = alert.capture { json.member("capture", capture) }
      }
      json.member("startsAt", (alert.firedAt ?? alert.since).description)
      json.member("endsAt", end.description)
      json.member("generatorURL", link)
    }
  }
}
