package import Alerting
internal import Dispatch
internal import HTTPPosting
package import Logging
package import Monitoring
package import PacketDecoding
internal import Synchronization

/// Brings alerts to servers. Who tells it never waits: everything is done on threads of its own.
package final class Notifier: Sendable {
  private let plan: DeliveryPlan
  private let webhooks: [(delivery: WebhookDelivery, sender: Sender)]
  private let alertmanagers: [(name: String, delivery: AlertmanagerDelivery, sender: Sender)]
  private let alertmanagerBook: Mutex<AlertmanagerBook>
  private let mark: @Sendable ([AlertStatus], Timestamp) -> [AlertStatus]
  private let save: @Sendable (SavedDeliveries) -> Void
  private let queue = DispatchQueue(label: "deliveries")
  private let running = DispatchGroup()
  private static let farewell = 1.0
  /// The newest that was told, and not yet looked at.
  private let latest = Mutex<Told?>(nil)

  private struct Told {
    var alerts: [AlertStatus]
    var time: Timestamp
  }

  /// - Parameters:
  ///   - saved: of an earlier run.
  ///   - mark: says which alerts are silenced.
  ///   - save: keeps what the next run has to know.
  /// - Throws: what keeps it from starting, as one line.
  package init(
    _ plan: DeliveryPlan,
    saved: SavedDeliveries?,
    ownTraffic: OwnTraffic,
    logger: Logger,
    mark: @escaping @Sendable ([AlertStatus], Timestamp) -> [AlertStatus],
    save: @escaping @Sendable (SavedDeliveries) -> Void
  ) throws {
    self.plan = plan
    self.mark = mark
    self.save = save
    let changes = Changes()
    func poster(_ server: Server) throws -> Poster {
      do throws(PostFailure) { return try Poster(server, ownTraffic) } catch { throw StartFailure(error.reason) }
    }
    webhooks = try plan.webhooks.map { webhook in
      let book = saved?.webhooks[webhook.name] ?? NotificationBook()
      let delivery = WebhookDelivery(webhook, book) { changes.tell() }
      let poster = try poster(webhook.server)
      let shown = "webhook \(webhook.name) (\(webhook.server.authority))"
      return (delivery, Sender(poster, delivery, shown: shown, logger: logger))
    }
    alertmanagers = try plan.alertmanagers.map { server in
      let delivery = AlertmanagerDelivery(fields: plan.alertmanagerFields)
      let sender = Sender(try poster(server), delivery, shown: "Alertmanager \(server.authority)", logger: logger)
      return (server.authority, delivery, sender)
    }
    alertmanagerBook = Mutex(saved?.alertmanager ?? AlertmanagerBook())
    // On the queue, so that what was newer is not written over.
    changes.handler.withLock { $0 = { [weak self] in self?.keepSoon() } }
  }

  package func start() {
    for (_, sender) in webhooks { sender.start(in: running) }
    for (_, _, sender) in alertmanagers { sender.start(in: running) }
  }

  /// What is pending, firing and resolved now: once a second, and after each change.
  package func tell(_ alerts: [AlertStatus], at time: Timestamp) {
    let isFirst = latest.withLock { latest in
      defer { latest = Told(alerts: alerts, time: time) }
      return latest == nil
    }
    if isFirst { queue.async { self.look() } }
  }

  private func look() {
    let told = latest.withLock { latest in
      defer { latest = nil }
      return latest
    }
    if let told { take(told) }
  }

  /// The same for who may wait: nothing that came before is passed over.
  package func tellAtOnce(_ alerts: [AlertStatus], at time: Timestamp) {
    queue.sync { take(Told(alerts: alerts, time: time)) }
  }

  private func take(_ told: Told) {
    let told = Told(alerts: mark(told.alerts, told.time), time: told.time)
    var hasChanged = false
    for (delivery, sender) in webhooks where delivery.note(told.alerts, host: plan.host, at: told.time) {
      hasChanged = true
      sender.signal()
    }
    if !alertmanagers.isEmpty, sayAgain(told) { hasChanged = true }
    if hasChanged { keep() }
  }

  private func sayAgain(_ told: Told) -> Bool {
    let (isNew, body) = alertmanagerBook.withLock { book in
      let isNew = book.note(told.alerts, at: told.time)
      guard isNew || book.isDue(every: plan.interval, at: told.time) else { return (isNew, [UInt8]?.none) }
      return (isNew, book.say(every: plan.interval, host: plan.host, link: plan.link, at: told.time))
    }
    if let body {
      for (_, delivery, sender) in alertmanagers {
        delivery.put(body)
        sender.signal()
      }
    }
    return isNew
  }

  private func keepSoon() { queue.async { self.keep() } }

  private func keep() {
    let books = webhooks.map { ($0.delivery.name, $0.delivery.saved) }
    save(
      SavedDeliveries(
        webhooks: Dictionary(books) { first, _ in first },
        alertmanager: alertmanagers.isEmpty ? nil : alertmanagerBook.withLock { $0 }
      )
    )
  }

  /// What a server has taken by now is taken note of: it would be sent again otherwise.
  package func stop() {
    for (_, sender) in webhooks { sender.stop() }
    for (_, _, sender) in alertmanagers { sender.stop() }
    _ = running.wait(timeout: .now() + Self.farewell)
    queue.sync {}
  }

  package var statuses: [DeliveryStatus] {
    let toAlertmanagers = alertmanagers.map { name, delivery, sender in
      var status = DeliveryStatus(kind: "alertmanager", name: name)
      delivery.report(into: &status)
      sender.report(into: &status)
      return status
    }
    return toAlertmanagers
      + webhooks.map { delivery, sender in
        var status = DeliveryStatus(kind: "webhook", name: delivery.name)
        delivery.report(into: &status)
        sender.report(into: &status)
        return status
      }
  }
}

/// Passes on that something changed to who is there only later.
private final class Changes: Sendable {
  let handler = Mutex<(@Sendable () -> Void)?>(nil)

  func tell() { handler.withLock { $0 }?() }
}

private struct StartFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
