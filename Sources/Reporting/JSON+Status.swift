package import CloseDiagnosis
package import ConnectionTracking
package import Monitoring
internal import PacketDecoding
package import StateAccounting

extension JSONWriter {
  /// The members that `analyze --format json` and `/api/v1/status` have in common.
  ///
  /// - Parameter truncated: whether a file ended before its end.
  package mutating func figures(_ snapshot: Snapshot, truncated: Bool) {
    let accounts = snapshot.accounts
    member("packets", snapshot.ingest.packets)
    member("tcp_packets", snapshot.ingest.tcpPackets)
    member("connections", accounts.connections)
    member("open", accounts.open)
    member("first", snapshot.first?.description)
    member("last", snapshot.last?.description)
    member("time", snapshot.time?.description)
    member("truncated", truncated)
    if snapshot.isSelection {
      null("undecoded")
      null("anomalies")
    } else {
      counts("undecoded", snapshot.ingest.undecoded)
      counts("anomalies", snapshot.ingest.anomalies)
    }
    object("states") { json in
      json.phases("client", accounts.client)
      json.phases("server", accounts.server)
    }
    closers("closed_first", accounts.closedFirst)
    kinds("close_kind", accounts.closeKind)
    causes("close_cause", snapshot.causes.whole)
    undecided(snapshot.causes.whole)
    object("time_wait") { json in
      json.member("client", accounts.client[.timeWait])
      json.member("server", accounts.server[.timeWait])
      if snapshot.isSelection {
        json.null("peak_client")
        json.null("peak_server")
      } else {
        json.member("peak_client", accounts.peakTimeWaitClient)
        json.member("peak_server", accounts.peakTimeWaitServer)
      }
    }
    member("exchanges", snapshot.exchanges)
    handshakes(accounts.handshakes)
    lingering(accounts.lingering)
    services(accounts.services, snapshot.causes)
    findings(snapshot.findings)
  }

  /// The busiest services by ends in TIME_WAIT.
  package mutating func services(_ services: [ServiceAccount], _ causes: CauseReport) {
    let listed = 100
    let byService = causes.byService
    array("services") { json in
      for service in services.prefix(listed) { json.service(service, byService[service.service] ?? ServiceCauses()) }
    }
  }

  private mutating func service(_ account: ServiceAccount, _ causes: ServiceCauses) {
    object { json in
      json.member("address", account.service.address.description)
      json.member("port", account.service.port)
      json.member("connections", account.connections)
      json.member("open", account.open)
      json.member("owner", account.owner)
      json.object("time_wait") { json in
        json.member("client", account.client[.timeWait])
        json.member("server", account.server[.timeWait])
      }
      json.closers("closed_first", account.closedFirst)
      json.kinds("close_kind", account.closeKind)
      json.causes("close_cause", causes.counts)
      json.undecided(causes.counts)
      json.object("inferred_idle_timeout") { json in
        json.timeout("client", causes.timeouts.client)
        json.timeout("server", causes.timeouts.server)
      }
      json.handshakes(account.handshakes)
      json.object("states") { json in
        json.phases("client", account.client)
        json.phases("server", account.server)
      }
      let histograms = account.histograms
      json.histogram("exchanges_per_connection", histograms.exchanges, unit: 1)
      json.histogram("connection_seconds", histograms.life, unit: 0.001)
      json.histogram("idle_before_close_seconds", histograms.idleBeforeClose, unit: 0.001)
    }
  }

  /// Causes that occurred.
  mutating func causes(_ key: String, _ counts: CauseCounts) {
    object(key) { json in
      for cause in CloseCause.allCases where counts[cause] > 0 { json.member(cause.name, counts[cause]) }
    }
  }

  /// Closes that have a cause, which is not known yet; of a file there are none.
  private mutating func undecided(_ counts: CauseCounts) {
    if counts.undecided > 0 { member("close_cause_undecided", counts.undecided) }
  }

  private mutating func timeout(_ key: String, _ timeout: IdleTimeout?) {
    guard let timeout else { return null(key) }
    object(key) { json in
      json.member("seconds", (timeout.value.value * 1000).rounded() / 1000)
      json.member("samples", timeout.samples)
    }
  }

  private mutating func histogram(_ key: String, _ histogram: LogHistogram, unit: Double) {
    let shown = { (value: Double?) in value.map { ($0 * unit * 1e6).rounded() / 1e6 } }
    object(key) { json in
      json.member("mean", shown(histogram.mean))
      json.member("p50", shown(histogram.quantile(0.5)))
      json.member("p99", shown(histogram.quantile(0.99)))
    }
  }

  /// Every state an end can be counted in, zeros too: a steady shape for dashboards.
  package mutating func phases(_ key: String, _ counts: PhaseCounts) {
    object(key) { json in
      for phase in Phase.allCases where phase != .closed { json.member(phase.name, counts[phase]) }
    }
  }

  package mutating func closers(_ key: String, _ counts: Counts<ClosedFirst>) {
    object(key) { json in
      json.member("client", counts[.client])
      json.member("server", counts[.server])
      json.member("simultaneous", counts[.simultaneous])
      json.member("none", counts[.none])
    }
  }

  /// Connections that have ended, by how; the open ones are counted elsewhere.
  package mutating func kinds(_ key: String, _ counts: Counts<CloseKind>) {
    object(key) { json in
      for kind in CloseKind.allCases {
        if let name = kind.name { json.member(name, counts[kind]) }
      }
    }
  }

  private mutating func counts(_ key: String, _ counts: [String: Int]) {
    object(key) { json in
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) { json.member(name, count) }
    }
  }
}
