import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting

/// The sentences of one instance, for somebody who is woken by them: how much, of what, where, who closes, from whom.
struct AlertSummary {
  let rule: AlertRule
  let subject: AlertSubject
  let threshold: AlertThreshold

  init(rule: AlertRule, subject: AlertSubject, _ threshold: AlertThreshold) {
    self.rule = rule
    self.subject = subject
    self.threshold = threshold
  }

  /// `300 TIME_WAIT on this host (threshold 300), not yet for 5 s`
  func pending(value: Double) -> String {
    "\(head(value)), not yet for \(FigureText.span(threshold.hold))"
  }

  /// `312 TIME_WAIT on this host (threshold 300): 298 at 10.0.0.1:8081 (our server end), where the server closes first
  /// in 99 % of 412 closed connections; nginx.service holds 298 of 312; top peers 10.0.0.7 (280), 10.0.0.9 (18)`
  func fired(value: Double, evidence: AlertEvidence, service: ServiceAccount?) -> String {
    let details = [
      topService(evidence, service), topOwner(evidence, value), topPeers(evidence, service), topFinding(evidence),
    ].compactMap(\.self)
    return details.isEmpty ? head(value) : "\(head(value)): \(details.joined(separator: "; "))"
  }

  /// `TIME_WAIT on this host is back to 239 (clears below 240) after 1 min 12 s; peak 412`
  func cleared(value: Double, peak: Double, after span: Seconds) -> String {
    "\(subjectOfSentence) is back to \(figure(value)) (clears \(rule.direction.beyond) \(figure(threshold.clear))) after "
      + "\(FigureText.span(span)); peak \(figure(peak))"
  }

  /// For an alert that nobody watches any more.
  func removed(value: Double, peak: Double, after span: Seconds) -> String {
    "\(subjectOfSentence) is no longer watched: its rule was changed or removed after \(FigureText.span(span)); "
      + "last \(figure(value)), peak \(figure(peak))"
  }
}

extension AlertSummary {
  private func head(_ value: Double) -> String {
    "\(counted(value)) \(place) (threshold \(figure(threshold.raise)))"
  }

  private var subjectOfSentence: String {
    switch rule.metric {
    case .captureDropPercent: "Packet loss by capture \(place)"
    case .closedFirstPercent: "The share of connections closed first \(place)"
    case .reusePercent: "The share of connections used more than once \(place)"
    case .ephemeralPortsUsedPercent: "The share of ephemeral ports in use \(place)"
    case .exhaustionSeconds: "The time until ephemeral ports run out \(place)"
    case .tableUsedPercent: "The share of the connection table in use \(place)"
    default: "\(rule.countNoun) \(place)"
    }
  }

  /// `312 TIME_WAIT`, `12 % of packets lost by capture`
  private func counted(_ value: Double) -> String { "\(figure(value)) \(rule.countNoun)" }

  private func figure(_ value: Double) -> String { rule.metric.figure(value) }

  private var place: String {
    switch subject {
    case .host: rule.metric.defaultSide == .any ? "on this host" : rule.side.place
    case .destination(let service): "towards \(AddressText.text(service))"
    case .service(let service): "at \(AddressText.text(service))\(rule.side.suffix)"
    case .peer(let address): "with peer \(AddressText.text(address))\(rule.side.suffix)"
    case .unit(let name): "held by \(name)"
    }
  }

  private func topService(_ evidence: AlertEvidence, _ service: ServiceAccount?) -> String? {
    guard let top = evidence.services.first else { return nil }
    let end = service.flatMap(whoseEnd)
    let closer = closer(evidence).map { $0 + (reason(evidence) ?? "") }
    if subject.service != nil { return [end, closer].compactMap(\.self).joined(separator: ", ").nonEmpty }
    return "\(top.count) at \(AddressText.text(top.subject))" + (end.map { " (\($0))" } ?? "")
      + (closer.map { ", where \($0)" } ?? "")
  }

  /// Which of our ends it is: that of the service, or that of a client of somebody else's service.
  private func whoseEnd(of service: ServiceAccount) -> String? {
    guard rule.side == .local else { return nil }
    switch (service.locality, rule.metric.definition.source) {
    case (.remote, _): return "our client end"
    case (.local, .ends(let phases)):
      let all = service.ends(in: phases, side: .local)
      let ofServer = service.ends(in: phases, side: .server)
      return all > 2 * ofServer ? "our client end" : "our server end"
    case (.local, _): return "our server end"
    case (.transit, _), (nil, _): return nil
    }
  }

  private func closer(_ evidence: AlertEvidence) -> String? {
    evidence.closer.map { closer in
      let what =
        switch closer.name {
        case "server": "the server closes first"
        case "client": "the client closes first"
        default: "both ends close at once"
        }
      return "\(what) in \(closer.percent) % of \(closer.all) closed connections"
    }
  }

  private func topOwner(_ evidence: AlertEvidence, _ value: Double) -> String? {
    guard case .host = subject, let top = evidence.owners.first else { return nil }
    return "\(top.subject) holds \(top.count) of \(FigureText.number(value))"
  }

  /// `, mainly no_pool (87 %)`: what more than half have in common.
  private func reason(_ evidence: AlertEvidence) -> String? {
    evidence.mainCause.map { ", mainly \($0.name) (\($0.percent) %)" }
  }

  /// What is to be done is where the finding is explained. Of the host's own the sentence is told, too: nothing before
  /// says as much.
  private func topFinding(_ evidence: AlertEvidence) -> String? {
    guard let finding = evidence.findings.first(where: { !evidence.mayBeOvertaken($0) }) else { return nil }
    let pointer = "tcpstated explain \(finding.id.rawValue)"
    guard finding.service == nil else { return "what to do: \(pointer)" }
    return "\(finding.summary.hasSuffix(".") ? String(finding.summary.dropLast()) : finding.summary) (\(pointer))"
  }

  /// Left out where the peer would be this host itself, or is what the alert is about.
  private func topPeers(_ evidence: AlertEvidence, _ service: ServiceAccount?) -> String? {
    if case .peer = subject { return nil }
    guard !evidence.peers.isEmpty, service?.locality != .remote else { return nil }
    let peers = evidence.peers.prefix(3).map { "\(AddressText.text($0.subject)) (\($0.count))" }
    return "top peers \(peers.joined(separator: ", "))"
  }
}

extension AlertRule.Direction {
  /// Where good values are, seen from a threshold.
  var beyond: String {
    switch self {
    case .above: "below"
    case .below: "above"
    }
  }
}

extension AlertRule.Side {
  /// Where the ends of this side are, seen from the whole host.
  var place: String {
    switch self {
    case .local: "on this host"
    case .remote: "at the far ends"
    case .transit: "in transit"
    case .client: "on client ends"
    case .server: "on server ends"
    case .any: "on all ends"
    }
  }

  /// What a place needs said to tell the ends apart; of a local side the sentence names the end later.
  fileprivate var suffix: String {
    switch self {
    case .local, .any: ""
    case .remote, .transit, .client, .server: " \(place)"
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
