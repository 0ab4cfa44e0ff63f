import Alerting
import ConnectionTracking
import PacketDecoding

/// An alert as a line and as fields, for log and journal alike.
struct AlertFields {
  let status: AlertStatus
  let isCleared: Bool

  init(_ event: AlertEvent) {
    status = event.status
    if case .cleared = event { isCleared = true } else { isCleared = false }
  }

  /// `time-wait: 312 TIME_WAIT on this host …`, `time-wait cleared: TIME_WAIT on this host is back to …`
  var message: String {
    "\(status.name)\(isCleared ? " cleared" : ""): \(status.summary)"
  }

  /// Beside the name of the alert and its labels.
  var fields: [(name: String, value: String)] {
    var fields = [
      ("alert", status.name), ("alert_id", status.id), ("state", status.state.rawValue),
      ("severity", status.severity.rawValue), ("value", FigureText.number(status.value)),
      ("raise", FigureText.number(status.raise)), ("clear", FigureText.number(status.clear)),
    ]
    if let peak = status.peak { fields.append(("peak", FigureText.number(peak))) }
    // A rule by host names the service that has most of it.
    if label("service") == nil, let service = status.evidence.services.first {
      fields.append(("service", AddressText.text(service.subject)))
    }
    if label("peer") == nil, let peer = status.evidence.peers.first {
      fields.append(("peer", AddressText.text(peer.subject)))
    }
    fields.append(("since", TimeText.text(status.since)))
    return fields.map { (name: $0.0, value: $0.1) }
  }

  private func label(_ name: String) -> String? {
    status.labels.first { $0.name == name }?.value
  }
}
