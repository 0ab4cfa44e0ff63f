package import Alerting
internal import Monitoring
internal import PacketDecoding

extension JSONWriter {
  package mutating func silences(_ silences: [Silence], _ alerts: [AlertStatus]) {
    array("silences") { json in
      for silence in silences { json.object { $0.silence(silence, alerts) } }
    }
  }

  /// The members of one, with the alerts that it holds for now.
  package mutating func silence(_ silence: Silence, _ alerts: [AlertStatus]) {
    member("id", silence.id)
    array("matchers") { json in
      for matcher in silence.matchers { json.member(nil, matcher.text) }
    }
    member("comment", silence.comment)
    member("created_at", silence.createdAt.description)
    member("ends_at", silence.endsAt.description)
    array("alerts") { json in
      for alert in alerts where alert.state != .resolved && silence.fits(alert) { json.member(nil, alert.id) }
    }
  }

  mutating func deliveries(_ deliveries: [DeliveryStatus]) {
    array("deliveries") { json in
      for delivery in deliveries {
        json.object { json in
          json.member("kind", delivery.kind)
          json.member("name", delivery.name)
          json.member("waiting", delivery.waiting)
          json.member("delivered", delivery.delivered)
          json.member("failed", delivery.failed)
          json.member("dropped", delivery.dropped)
          json.member("last_error", delivery.lastError)
        }
      }
    }
  }
}
