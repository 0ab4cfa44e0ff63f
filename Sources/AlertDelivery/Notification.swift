internal import Alerting
internal import PacketDecoding
internal import Reporting

/// One turn of an alert, for one webhook.
struct Notification: Codable, Sendable, Equatable {
  /// The same at each attempt, and after a restart: `ALERT.NUMBER`, where the number counts the alert's turns.
  var id: String
  /// JSON. Kept as it was written when the alert turned.
  var body: String

  enum Turn: String {
    case fired, changed, resolved
  }

  init(_ turn: Turn, _ alert: AlertStatus, number: Int, before: Severity? = nil, host: String, at time: Timestamp) {
    let id = "\(alert.id).\(number)"
    var json = JSONWriter()
    json.object { json in
      json.member("version", 1)
      json.member("id", id)
      json.member("event", turn.rawValue)
      json.member("time", time.description)
      json.member("host", host)
      if let before { json.member("previous_severity", before.rawValue) }
      json.alert("alert", alert)
    }
    self.id = id
    body = String(decoding: json.bytes, as: UTF8.self)
  }
}
