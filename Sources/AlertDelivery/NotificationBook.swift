internal import Alerting
internal import PacketDecoding

/// What one webhook has been told of, and what waits to be told. It outlives the daemon, so that a restart neither repeats
/// nor forgets.
struct NotificationBook: Codable, Sendable {
  private(set) var waiting: [Notification] = []
  /// Firing alerts by their id, as they were told last.
  private var told: [String: Told] = [:]
  /// Alerts for which there was no room yet.
  private var unheard: Set<String> = []
  private(set) var dropped = 0

  private struct Told: Codable, Sendable {
    var alert: AlertStatus
    var number: Int
  }

  private enum CodingKeys: String, CodingKey {
    case waiting, told
  }

  /// Of notifications, and of octets in them.
  static let waitingLimit = 500
  static let sizeLimit = 4 << 20

  init() {}

  /// Compares what fires with what was told: what differs is a notification each. What finds no room is not told yet, and
  /// is compared again the next time.
  ///
  /// - Returns: whether anything is new.
  mutating func note(_ alerts: [AlertStatus], host: String, at time: Timestamp) -> Bool {
    let count = waiting.count
    let firing = alerts.filter { $0.state == .firing }
    for alert in firing where alert.silencedBy == nil { tell(alert, host, time) }
    let present = Set(firing.map(\.id))
    for (id, last) in told.filter({ !present.contains($0.key) }).sorted(by: { $0.key < $1.key }) {
      var over = alerts.first { $0.id == id } ?? last.alert
      over.state = .resolved
      over.resolvedAt = over.resolvedAt ?? time
      guard hasRoom else { break }
      if add(Notification(.resolved, over, number: last.number + 1, host: host, at: time)) { told[id] = nil }
    }
    let missed = unheard.subtracting(present)
    dropped += missed.count
    unheard.subtract(missed)
    return waiting.count != count
  }

  private mutating func tell(_ alert: AlertStatus, _ host: String, _ time: Timestamp) {
    let last = told[alert.id]
    guard last?.alert.severity != alert.severity else { return }
    let number = (last?.number ?? 0) + 1
    let turn = last == nil ? Notification.Turn.fired : .changed
    let before = last?.alert.severity
    guard hasRoom, add(Notification(turn, alert, number: number, before: before, host: host, at: time)) else {
      if last == nil { unheard.insert(alert.id) }
      return
    }
    unheard.remove(alert.id)
    // What stood behind it has been told.
    var short = alert
    short.evidence = AlertEvidence()
    told[alert.id] = Told(alert: short, number: number)
  }

  /// Looked at first: while a server takes nothing, nothing is written for it.
  private var hasRoom: Bool { waiting.count < Self.waitingLimit }

  private mutating func add(_ notification: Notification) -> Bool {
    let size = waiting.reduce(notification.body.utf8.count) { $0 + $1.body.utf8.count }
    guard hasRoom, size <= Self.sizeLimit else { return false }
    waiting.append(notification)
    return true
  }

  /// The server took it, or never will.
  mutating func settle(_ id: String) { waiting.removeAll { $0.id == id } }
}
