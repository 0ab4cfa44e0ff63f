internal import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

extension MetricsText {
  /// So many services have a label of their own, the first that were seen; the others are one. Who has a label keeps
  /// it, so that no counter goes back and no series goes away.
  private static let labelledServices = 200

  static func services(
    _ accounts: [ServiceAccount],
    _ causes: [Endpoint: ServiceCauses],
    _ text: inout Exposition
  ) {
    let services = accounts.filter { $0.number > 0 }.sorted { $0.number < $1.number }
    let shared = accounts.filter { $0.number == 0 }
    let labelled = services.prefix(labelledServices).map { LabelledService(label: "\($0.service)", account: $0) }
    let others = (services.dropFirst(labelledServices) + shared).map { LabelledService(label: "other", account: $0) }
    let all = labelled + others

    text.family("tcpstated_time_wait", .gauge, "Ends in TIME_WAIT per service; side is where the end lives.") {
      for service in all { service.addTimeWait(to: &$0) }
    }
    text.family("tcpstated_connections_opened_total", .counter, "Connections seen; side is where the service runs.") {
      for service in all { $0.add(service.account.connections, service.labels) }
    }
    text.family(
      "tcpstated_connections_closed_total",
      .counter,
      "Connections that ended; side is where the service runs, closed_first where the first FIN or RST came from."
    ) {
      for service in all { service.addClosed(to: &$0) }
    }
    histograms(all, &text)
    reasons(all, causes, &text)
    handshakes(all, &text)
  }

  private static func handshakes(_ services: [LabelledService], _ text: inout Exposition) {
    text.family("tcpstated_handshake_repeats_total", .counter, "Segments of handshakes that were sent again.") {
      for service in services {
        let counts = service.account.handshakes
        $0.add(counts.synRepeats, ("service", service.label), ("segment", "syn"))
        $0.add(counts.synACKRepeats + counts.synACKRepeatsAfterACK, ("service", service.label), ("segment", "syn_ack"))
      }
    }
    text.family("tcpstated_handshake_failures_total", .counter, "Connections that did not come to be.") {
      for service in services {
        let counts = service.account.handshakes
        $0.add(counts.refused, ("service", service.label), ("outcome", "refused"))
        $0.add(counts.unreachable, ("service", service.label), ("outcome", "unreachable"))
        $0.add(counts.unanswered, ("service", service.label), ("outcome", "unanswered"))
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

  private static func reasons(
    _ services: [LabelledService],
    _ causes: [Endpoint: ServiceCauses],
    _ text: inout Exposition
  ) {
    text.family("tcpstated_not_reused_total", .counter, "Connections that ended, by the reason decided.") {
      for service in services {
        let counts = causes[service.account.service]?.counts ?? CauseCounts()
        for cause in CloseCause.allCases where counts[cause] > 0 {
          $0.add(counts[cause], ("service", service.label), ("reason", cause.name))
        }
      }
    }
    text.family("tcpstated_reuse_races_total", .counter, "Requests that crossed the server's FIN.") {
      for service in services {
        $0.add(causes[service.account.service]?.counts[.reuseRace] ?? 0, ("service", service.label))
      }
    }
  }
}

/// A service under the name that it has in metrics.
private struct LabelledService {
  let label: String
  let account: ServiceAccount

  var labels: [Exposition.Label] {
    [("service", label), ("side", account.locality.map { "\($0)" } ?? "unknown")]
  }

  func addTimeWait(to family: inout Exposition.Family) {
    for locality in Locality.allCases where canHoldEnds(locality) || account[locality][.timeWait] > 0 {
      family.add(account[locality][.timeWait], ("service", label), ("side", "\(locality)"))
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
      family.add(count, labels + [("closed_first", closer), ("kind", verdict.kind.name ?? "none")])
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
