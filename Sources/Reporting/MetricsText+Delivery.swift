internal import Monitoring

extension MetricsText {
  static func delivery(_ live: LiveStatus, _ text: inout Exposition) {
    text.family("tcpstated_notifications_total", .counter, "Alerts sent to servers, by what came of each attempt.") {
      for delivery in live.deliveries {
        let target: [Exposition.Label] = [(.kind, delivery.kind), (.target, delivery.name)]
        $0.add(delivery.delivered, target + [(.outcome, "delivered")])
        $0.add(delivery.failed, target + [(.outcome, "failed")])
        $0.add(delivery.dropped, target + [(.outcome, "dropped")])
      }
    }
    text.family("tcpstated_notifications_waiting", .gauge, "Notifications that a server has not taken yet.") {
      for delivery in live.deliveries {
        $0.add(delivery.waiting, (.kind, delivery.kind), (.target, delivery.name))
      }
    }
    text.sample("tcpstated_silences", .gauge, "Silences that hold.", live.silences.count)
  }
}
