internal import Alerting
internal import HTTPPosting
internal import Monitoring
internal import PacketDecoding
internal import Synchronization

/// Alerts as JSON to a server of one's own: one request for each turn of an alert.
final class WebhookDelivery: Outbox {
  let name: String
  private let fields: [HeaderField]
  private let signature: Signature?
  private let book: Mutex<NotificationBook>
  private let settled: @Sendable () -> Void

  /// - Parameter settled: called when what is to be kept has changed.
  init(_ plan: DeliveryPlan.Webhook, _ book: NotificationBook, settled: @escaping @Sendable () -> Void) {
    name = plan.name
    fields = plan.fields
    signature = plan.key.map { Signature(key: $0) }
    self.book = Mutex(book)
    self.settled = settled
  }

  var saved: NotificationBook { book.withLock { $0 } }

  func note(_ alerts: [AlertStatus], host: String, at time: Timestamp) -> Bool {
    book.withLock { $0.note(alerts, host: host, at: time) }
  }

  func next() -> Parcel? {
    guard let notification = book.withLock({ $0.waiting.first }) else { return nil }
    let body = Array(notification.body.utf8)
    var fields = fields + [HeaderField(name: "webhook-id", value: notification.id)]
    if let signature { fields += signature.fields(of: notification.id, body, at: TimeText.now()) }
    return Parcel(id: notification.id, post: Post(contentType: "application/json", fields: fields, body: body))
  }

  func settle(_ parcel: Parcel, isDropped: Bool) {
    book.withLock { $0.settle(parcel.id) }
    settled()
  }

  func report(into status: inout DeliveryStatus) {
    book.withLock { book in
      status.waiting = book.waiting.count
      status.dropped += book.dropped
    }
  }
}
