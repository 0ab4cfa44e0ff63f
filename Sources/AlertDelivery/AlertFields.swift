import Alerting
import CloseDiagnosis
import ConnectionTracking
import PacketDecoding

/// An alert as a line and as fields, for log and journal alike.
struct AlertFields {
  let status: AlertStatus
  let isCleared: Bool
  /// What it was before it got worse or better.
  let before: Severity?

  init(_ event: AlertEvent) {
    status = event.status
    switch event {
    case .fired: (isCleared, before) = (false, nil)
    case .changed(_, let severity): (isCleared, before) = (false, severity)
    case .cleared: (isCleared, before) = (true, nil)
    }
  }

  /// `time-wait: 312 TIME_WAIT on this host …`, `time-wait cleared: TIME_WAIT on this host is back to …`
  var message: String {
    let turn = before.map { " now \(status.severity.rawValue), was \($0.rawValue)" } ?? (isCleared ? " cleared" : "")
    return "\(status.name)\(turn): \(status.summary)"
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
    if let owner = status.evidence.owner ?? status.evidence.owners.first?.subject, label("unit") == nil {
      fields.append(("unit", owner))
    }
    if let closer = status.evidence.closer {
      fields.append(("closed_first", closer.name))
      fields.append(("closed_first_percent", "\(closer.percent)"))
    }
    if let cause = status.evidence.mainCause { fields.append(("close_cause", cause.name)) }
    if let finding = status.evidence.findings.first { fields.append(("finding", finding.id.rawValue)) }
    if let capture = status.capture { fields.append(("capture", capture)) }
    fields.append(("since", TimeText.text(status.since)))
    return fields.map { (name: $0.0, value: $0.1) }
  }

  private func label(_ name: String) -> String? {
    status.labels.first { $0.name == name }?.value
  }
}
