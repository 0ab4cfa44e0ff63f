internal import Alerting
internal import CloseDiagnosis
internal import ConnectionTracking
package import Monitoring
internal import PacketDecoding
internal import StateAccounting

/// What `/metrics` answers.
package enum MetricsText {
  package enum Format: Sendable {
    case prometheus, openMetrics

    package var contentType: String {
      switch self {
      case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }
  }

  package static func write(_ snapshot: Snapshot, _ live: LiveStatus, _ format: Format = .prometheus) -> String {
    var text = Exposition(format)
    fill(&text, snapshot, live)
    text.end()
    return text.text
  }

  /// The same as values.
  package static func samples(_ snapshot: Snapshot, _ live: LiveStatus) -> [MetricSample] {
    var samples = Exposition(keepsSamples: true)
    fill(&samples, snapshot, live)
    return samples.samples
  }

  private static func fill(_ text: inout Exposition, _ snapshot: Snapshot, _ live: LiveStatus) {
    text.family("tcpstated_connections", .gauge, "Ends of connections by state; side is where the end lives.") {
      for locality in Locality.allCases {
        for phase in Phase.allCases where phase != .closed {
          let state = phase.name.lowercased()
          $0.add(snapshot.accounts[locality][phase], (.state, state), (.side, "\(locality)"))
        }
      }
    }
    services(snapshot.accounts, snapshot.causes, &text)
    ports(snapshot, &text)
    findings(snapshot, &text)
    capture(live, snapshot.ingest, &text)
    if let status = live.capture { tier(status, &text) }
    table(snapshot.table, &text)
    if let kernel = live.kernelOfAll { Self.kernel(kernel, &text) }
    history(live.history, &text)
    text.family("tcpstated_alert_state", .gauge, "0 ok, 1 pending, 2 firing; the worst instance of a rule.") {
      for (name, state) in alertStates(snapshot.alerts, rules: live.alertRules.map(\.name)) {
        $0.add(state, (.alert, name))
      }
    }
    delivery(live, &text)
    exports(live.exports, &text)
    text.family("tcpstated_build_info", .gauge, "Always 1; the version as a label.") {
      $0.add(1, (.version, live.version))
    }
  }

  private static func capture(_ live: LiveStatus, _ ingest: IngestCounters, _ text: inout Exposition) {
    text.family("tcpstated_capture_packets_total", .counter, "Frames that passed the kernel's filter.") {
      for interface in live.interfaces { $0.add(interface.received, (.interface, interface.name)) }
    }
    text.family("tcpstated_capture_drops_total", .counter, "Frames the kernel dropped for want of buffer.") {
      for interface in live.interfaces { $0.add(interface.dropped, (.interface, interface.name)) }
    }
    text.family("tcpstated_capture_duplicates_total", .counter, "Segments seen before on another interface.") {
      for (number, interface) in live.interfaces.enumerated() {
        $0.add(ingest.duplicates(onInterface: number), (.interface, interface.name))
      }
    }
  }

  private static func tier(_ capture: CaptureStatus, _ text: inout Exposition) {
    text.family("tcpstated_capture_tier", .gauge, "1 for the tier that capture has: full, headers or control.") {
      for tier in CaptureTier.allCases { $0.add(tier == capture.tier ? 1 : 0, (.tier, tier.rawValue)) }
    }
    text.sample(
      "tcpstated_capture_fall_backs_total",
      .counter,
      "How often capture went to a poorer tier because packets were dropped.",
      capture.fallBacks
    )
    text.sample(
      "tcpstated_capture_lower_bound",
      .gauge,
      "1 while figures may be less than the truth: packets are dropped or not all looked at.",
      capture.isLowerBound ? 1 : 0
    )
  }

  private static func table(_ table: TableUsage, _ text: inout Exposition) {
    text.sample("tcpstated_table_capacity", .gauge, "Connections that may be tracked at once.", table.capacity)
    text.sample("tcpstated_table_used", .gauge, "Connections in the table.", table.used)
    text.sample("tcpstated_table_evicted_total", .counter, "Connections shed: the table was full.", table.evicted)
  }

  private static func history(_ status: HistoryStatus, _ text: inout Exposition) {
    text.sample(
      "tcpstated_history_failing",
      .gauge,
      "1 while the history cannot be written.",
      status.state == .failing ? 1 : 0
    )
    text.sample("tcpstated_history_bytes", .gauge, "Size of the history's file.", status.bytes)
    text.sample("tcpstated_history_rollups_waiting", .gauge, "Minutes that wait to be written.", status.waiting)
    text.sample("tcpstated_history_rows_total", .counter, "Rows written to the history.", status.rows)
    text.sample("tcpstated_history_errors_total", .counter, "Attempts to use the history that failed.", status.errors)
    text.sample("tcpstated_history_rollups_lost_total", .counter, "Minutes that were given up.", status.lost)
  }

  private static func kernel(_ kernel: KernelStatus, _ text: inout Exposition) {
    text.sample(
      "tcpstated_kernel_time_wait",
      .gauge,
      "TIME_WAITs in the kernel's table, last reading.",
      kernel.timeWait
    )
    text.sample("tcpstated_model_drift", .gauge, "Local TIME_WAITs of the model less the kernel's.", kernel.drift)
    text.family("tcpstated_reconciled_total", .counter, "What readings of the kernel's table changed in the model.") {
      $0.add(kernel.adopted, (.change, "adopted"))
      $0.add(kernel.corrected, (.change, "corrected"))
      $0.add(kernel.closed, (.change, "closed"))
    }
    text.family("tcpstated_kernel_tcp_events_total", .counter, "What the kernel counts of TCP, by its own names.") {
      for counter in kernel.counters { $0.add(counter.value, (.event, counter.name)) }
    }
  }

  private static func alertStates(_ alerts: [AlertStatus], rules: [String]) -> [(String, Int)] {
    var states = Dictionary(rules.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
    for alert in alerts {
      let state =
        switch alert.state {
        case .resolved: 0
        case .pending: 1
        case .firing: 2
        }
      states[alert.name] = max(states[alert.name] ?? 0, state)
    }
    return states.sorted { $0.key < $1.key }
  }
}
