internal import Alerting
internal import ConnectionTracking
package import Monitoring
internal import PacketDecoding
internal import StateAccounting

/// Prometheus text format 0.0.4.
package enum MetricsText {
  package static func write(_ snapshot: Snapshot, _ live: LiveStatus) -> String {
    var text = Exposition()
    text.family("tcpstated_connections", .gauge, "Ends of connections by state; side is where the end lives.")
    for locality in Locality.allCases {
      for phase in Phase.allCases where phase != .closed {
        text.sample(
          "tcpstated_connections",
          [("state", phase.name.lowercased()), ("side", "\(locality)")],
          snapshot.accounts[locality][phase]
        )
      }
    }
    services(snapshot.accounts.services, &text)
    capture(live, snapshot, &text)
    table(snapshot, &text)
    if let kernel = live.kernel { Self.kernel(kernel, &text) }
    text.family("tcpstated_alert_state", .gauge, "0 ok, 1 pending, 2 firing; the worst instance of a rule.")
    for (name, state) in alertStates(snapshot.alerts, rules: live.alertRules) {
      text.sample("tcpstated_alert_state", [("alert", name)], state)
    }
    text.family("tcpstated_build_info", .gauge, "Always 1; the version as a label.")
    text.sample("tcpstated_build_info", [("version", live.version)], 1)
    return text.text
  }

  /// At most this many services have a label of their own.
  private static let labelledServices = 200

  private static func services(_ services: [ServiceAccount], _ text: inout Exposition) {
    let shown = services.prefix(labelledServices)
    text.family("tcpstated_time_wait", .gauge, "Ends in TIME_WAIT per service; side is where the end lives.")
    for service in shown {
      for locality in Locality.allCases where service[locality][.timeWait] > 0 || service.locality == locality {
        text.sample(
          "tcpstated_time_wait",
          [("service", service.service.description), ("side", "\(locality)")],
          service[locality][.timeWait]
        )
      }
    }
    text.family(
      "tcpstated_connections_opened_total",
      .counter,
      "Connections seen; side is where the service runs."
    )
    for service in shown {
      text.sample("tcpstated_connections_opened_total", labels(service), service.connections)
    }
    text.family(
      "tcpstated_connections_closed_total",
      .counter,
      "Connections that ended; side is where the service runs, closed_first where the first FIN or RST came from."
    )
    for service in shown {
      for (verdict, count) in service.closed.sorted(by: { order($0.key) < order($1.key) }) {
        let closer = closer(verdict.closedFirst, service.locality)
        text.sample(
          "tcpstated_connections_closed_total",
          labels(service) + [("closed_first", closer), ("kind", verdict.kind.name ?? "none")],
          count
        )
      }
    }
  }

  private static func order(_ verdict: CloseVerdict) -> Int {
    Int(verdict.closedFirst.rawValue) * 16 + Int(verdict.kind.rawValue)
  }

  private static func labels(_ service: ServiceAccount) -> [(String, String)] {
    [("service", service.service.description), ("side", service.locality.map { "\($0)" } ?? "unknown")]
  }

  /// Who closed, seen from here; between others' ends there is no here.
  private static func closer(_ closedFirst: ClosedFirst, _ service: Locality?) -> String {
    switch (closedFirst, service) {
    case (.simultaneous, _): "simultaneous"
    case (.server, .local), (.client, .remote): "local"
    case (.server, .remote), (.client, .local): "remote"
    case (.none, _), (_, .transit), (_, nil): "unknown"
    }
  }

  private static func capture(_ live: LiveStatus, _ snapshot: Snapshot, _ text: inout Exposition) {
    text.family("tcpstated_capture_packets_total", .counter, "Frames that passed the kernel's filter.")
    for interface in live.interfaces {
      text.sample("tcpstated_capture_packets_total", [("interface", interface.name)], interface.received)
    }
    text.family("tcpstated_capture_drops_total", .counter, "Frames the kernel dropped for want of buffer.")
    for interface in live.interfaces {
      text.sample("tcpstated_capture_drops_total", [("interface", interface.name)], interface.dropped)
    }
    text.family("tcpstated_capture_duplicates_total", .counter, "Segments seen before on another interface.")
    text.sample("tcpstated_capture_duplicates_total", [("interface", "all")], snapshot.ingest.duplicates)
  }

  private static func table(_ snapshot: Snapshot, _ text: inout Exposition) {
    text.family("tcpstated_table_capacity", .gauge, "Connections that may be tracked at once.")
    text.sample("tcpstated_table_capacity", [], snapshot.table.capacity)
    text.family("tcpstated_table_used", .gauge, "Connections in the table.")
    text.sample("tcpstated_table_used", [], snapshot.table.used)
    text.family("tcpstated_table_evicted_total", .counter, "Connections shed because the table was full.")
    text.sample("tcpstated_table_evicted_total", [], snapshot.table.evicted)
  }

  private static func kernel(_ kernel: KernelStatus, _ text: inout Exposition) {
    text.family("tcpstated_kernel_time_wait", .gauge, "TIME_WAIT sockets in the kernel's table at the last reading.")
    text.sample("tcpstated_kernel_time_wait", [], kernel.timeWait)
    text.family(
      "tcpstated_model_drift",
      .gauge,
      "TIME_WAITs of this host that the model alone had at the last reading, less those the kernel alone had."
    )
    text.sample("tcpstated_model_drift", [], kernel.drift)
    text.family(
      "tcpstated_reconciled_total",
      .counter,
      "Connections taken over from the kernel's table, put right by it, or ended because it had them no longer."
    )
    for (change, count) in [("adopted", kernel.adopted), ("corrected", kernel.corrected), ("closed", kernel.closed)] {
      text.sample("tcpstated_reconciled_total", [("change", change)], count)
    }
    text.family("tcpstated_kernel_counter_total", .counter, "What the kernel counts of TCP, by its own names.")
    for counter in kernel.counters {
      text.sample("tcpstated_kernel_counter_total", [("counter", counter.name)], counter.value)
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

/// Lines of the exposition format, label values escaped.
struct Exposition {
  enum Kind: String {
    case gauge, counter
  }

  private(set) var text = ""

  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Int) {
    let pairs = labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
    text += pairs.isEmpty ? "\(name) \(value)\n" : "\(name){\(pairs)} \(value)\n"
  }

  private static func escape(_ value: String) -> String {
    value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
  }
}
