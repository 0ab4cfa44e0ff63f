internal import HTTPPosting
internal import Monitoring
internal import Synchronization

/// What one Alertmanager is to be told next: the newest takes the place of what still waits, for it says all.
final class AlertmanagerDelivery: Outbox {
  private let fields: [HeaderField]
  private let state = Mutex(State())

  private struct State {
    var number = 0
    var waiting: [UInt8]?
  }

  init(fields: [HeaderField]) {
    self.fields = fields
  }

  func put(_ body: [UInt8]) {
    state.withLock { state in
      state.number += 1
      state.waiting = body
    }
  }

  func next() -> Parcel? {
    state.withLock { state in
      state.waiting.map { body in
        Parcel(id: String(state.number), post: Post(contentType: "application/json", fields: fields, body: body))
      }
    }
  }

  func settle(_ parcel: Parcel, isDropped: Bool) {
    state.withLock { state in
      if parcel.id == String(state.number) { state.waiting = nil }
    }
  }

  func report(into status: inout DeliveryStatus) {
    status.waiting = state.withLock { $0.waiting == nil ? 0 : 1 }
  }
}
