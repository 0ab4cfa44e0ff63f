internal import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

extension MetricsText {
  /// So many services have a label of their own (`Ledger.Limits`), the others are one. Who has a label keeps it, so that
  /// no counter goes back and no series goes away.
  static func services(_ accounts: Accounts, _ causes: CauseReport, _ text: inout Exposition) {
    let byService = causes.byService
    let labelled = accounts.services.filter(\.hasLabel).sorted { $0.number < $1.number }
    let others = accounts.services.filter { !$0.hasLabel }
    let all =
      labelled.map { LabelledService("\($0.service)", $0, byService[$0.service]?.counts) }
      + others.map { LabelledService("other", $0, byService[$0.service]?.counts) }
      + accounts.past.map { LabelledService("other", $0, nil) }

    text.family("tcpstated_time_wait", .gauge, "Ends in TIME_WAIT per service; side is where the end lives.") {
      for service in all { service.addTimeWait(to: &$0) }
    }
    text.family("tcpstated_connections_opened_total", .counter, "Connections seen; side is where the service runs.") {
      for service in all { $0.add(service.account.opened, service.labels) }
    }
    text.family(
      "tcpstated_connections_closed_total",
      .counter,
      "Connections that ended; side is where the service runs, closed_first where the first FIN or RST came from."
    ) {
      for service in all { service.addClosed(to: &$0) }
    }
    histograms(all, &text)
    reasons(all, past: causes.past, &text)
    handshakes(all, &text)
  }

  private static func handshakes(_ services: [LabelledService], _ text: inout Exposition) {
    text.family("tcpstated_handshake_repeats_total", .counter, "Segments of handshakes that were sent again.") {
      for service in services {
        let counts = service.account.handshakes
        $0.add(counts.synRepeats, (.service, service.label), (.segment, "syn"))
        $0.add(counts.synACKRepeats + counts.synACKRepeatsAfterACK, (.service, service.label), (.segment, "syn_ack"))
      }
    }
    text.family("tcpstated_handshake_failures_total", .counter, "Connections that did not come to be.") {
      for service in services {
        let counts = service.account.handshakes
        $0.add(counts.refused, (.service, service.label), (.outcome, "refused"))
        $0.add(counts.unreachable, (.service, service.label), (.outcome, "unreachable"))
        $0.add(counts.unanswered, (.service, service.label), (.outcome, "unanswered"))
      }
    }
  }

  private static func histograms(_ services: [LabelledService], _ text: inout Exposition) {
    text.histograms("tcpstated_exchanges_per_connection", "Requests answered on each connection that ended.", unit: 1) {
      for service in services { $0.add(service.account.histograms.exchangesByBound, service.labels) }
    }
    text.histograms("tcpstated_idle_before_close_seconds", "Silence before the first FIN or RST.", unit: 0.001) {
      for service in services { $0.add(service.account.histograms.idleByBound, service.labels) }
    }
  }

  private static func reasons(_ services: [LabelledService], past: CauseCounts, _ text: inout Exposition) {
    let counted = services.map { ($0.label, $0.causes) } + (past.total > 0 ? [("other", past)] : [])
    text.family("tcpstated_not_reused_total", .counter, "Connections that ended, by the reason decided.") {
      for (label, counts) in counted {
        for cause in CloseCause.allCases where counts[cause] > 0 {
          $0.add(counts[cause], (.service, label), (.reason, cause.name))
        }
      }
    }
    text.family("tcpstated_reuse_races_total", .counter, "Requests that crossed the server's FIN.") {
      for (label, counts) in counted {
        $0.add(counts[.reuseRace], (.service, label))
      }
    }
  }
}

/// A service under the name that it has in metrics.
private struct LabelledService {
  let label: String
  let account: ServiceAccount
  let causes: CauseCounts

  init(_ label: String, _ account: ServiceAccount, _ causes: CauseCounts?) {
    self.label = label
    self.account = account
    self.causes = causes ?? CauseCounts()
  }

  var labels: [Exposition.Label] {
    [(.service, label), (.side, account.locality.map { "\($0)" } ?? "unknown")]
  }

  func addTimeWait(to family: inout Exposition.Family) {
    for locality in Locality.allCases where canHoldEnds(locality) || account[locality][.timeWait] > 0 {
      family.add(account[locality][.timeWait], (.service, label), (.side, "\(locality)"))
    }
  }

  /// Ends of a service here, or of one that is called from here, are on both sides.
  private func canHoldEnds(_ locality: Locality) -> Bool {
    switch account.locality {
    case .local, .remote: locality != .transit
    case .transit: locality == .transit
    case nil: false
    }
  }

  func addClosed(to family: inout Exposition.Family) {
    for (verdict, count) in account.closed.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
      let closer = closer(verdict.closedFirst)
      family.add(count, labels + [(.closedFirst, closer), (.kind, verdict.kind.name ?? "none")])
    }
  }

  private static func order(_ verdict: CloseVerdict) -> Int {
    Int(verdict.closedFirst.rawValue) * 16 + Int(verdict.kind.rawValue)
  }

  /// Who closed, seen from here; between others' ends there is no here.
  private func closer(_ closedFirst: ClosedFirst) -> String {
    switch (closedFirst, account.locality) {
    case (.simultaneous, _): "simultaneous"
    case (.server, .local), (.client, .remote): "local"
    case (.server, .remote), (.client, .local): "remote"
    case (.none, _), (_, .transit), (_, nil): "unknown"
    }
  }
}
