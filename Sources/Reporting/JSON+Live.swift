internal import Alerting
internal import ConnectionTracking
package import Monitoring
internal import PacketDecoding
package import StateAccounting

extension JSONWriter {
  /// The members that only a running daemon has.
  package mutating func live(_ live: LiveStatus, _ snapshot: Snapshot) {
    member("version", live.version)
    member("uptime_seconds", live.uptime.value)
    member("host", live.host)
    array("interfaces") { json in
      for (number, interface) in live.interfaces.enumerated() {
        json.object { json in
          json.member("name", interface.name)
          if let namespace = interface.namespace { json.member("namespace", namespace) }
          json.member("received", interface.received)
          json.member("dropped", interface.dropped)
          json.member(
            "duplicates",
            snapshot.ingest.duplicates(onInterface: Int(interface.number ?? UInt8(clamping: number)))
          )
          json.member("filter", interface.filter)
          json.member("tier", interface.tier)
          json.member("capturing", interface.capturing)
        }
      }
    }
    if let capture = live.capture { self.capture(capture) }
    member("workers", live.workers)
    object("table") { json in
      json.member("capacity", snapshot.table.capacity)
      json.member("used", snapshot.table.used)
      json.member("half_open", snapshot.table.halfOpen)
      json.member("evicted", snapshot.table.evicted)
    }
    object("local_time_wait") { json in
      json.member("host", snapshot.accounts.local[.timeWait])
      json.member("overdue", snapshot.overdueTimeWaits.reduce(0, +))
      if let kernel = live.kernelTimeWait { json.member("kernel", kernel) } else { json.null("kernel") }
    }
    object("local") { json in
      json.phases("local", snapshot.accounts.local)
      json.phases("remote", snapshot.accounts.remote)
    }
    owners(snapshot.accounts.owners)
    if let kernel = live.kernel { self.kernel(kernel) }
    if !live.namespaces.isEmpty { namespaces(live, snapshot) }
    phases("transit", snapshot.accounts.transit)
    member("duplicates", snapshot.ingest.duplicates.reduce(0, +))
    history(live.history)
    if !live.exports.isEmpty { exports(live.exports) }
    alerts(snapshot.alerts)
    silences(live.silences, snapshot.alerts)
    deliveries(live.deliveries)
    rules(live.alertRules)
  }

  private mutating func capture(_ capture: CaptureStatus) {
    object("capture") { json in
      json.member("tier", capture.tier.rawValue)
      json.member("configured", capture.configured.rawValue)
      json.member("since", capture.since.description)
      json.member("fall_backs", capture.fallBacks)
      json.member("lower_bound", capture.isLowerBound)
    }
  }

  /// Who holds the ends of this host: the busiest by those in TIME_WAIT.
  private mutating func owners(_ owners: [OwnerAccount]) {
    let listed = 100
    array("owners") { json in
      for owner in owners.prefix(listed) {
        json.object { json in
          json.member("unit", owner.unit)
          json.member("connections", owner.connections)
          json.member("open", owner.open)
          json.member("time_wait", owner.local[.timeWait])
          json.phases("states", owner.local)
        }
      }
    }
  }

  mutating func kernel(_ kernel: KernelStatus) {
    let settings = kernel.settings
    object("kernel") { json in
      json.member("drift", kernel.drift)
      json.member("age_seconds", kernel.age.value)
      json.member("adopted", kernel.adopted)
      json.member("corrected", kernel.corrected)
      json.member("closed", kernel.closed)
      json.setting("tcp_max_tw_buckets", settings.maximumTimeWaitBuckets)
      json.member("tcp_fin_timeout_seconds", settings.finTimeout?.value)
      json.setting("tcp_tw_reuse", settings.timeWaitReuse)
      json.setting("tcp_rfc1337", settings.rfc1337.map { $0 ? 1 : 0 })
      json.member("tcp_keepalive_time_seconds", settings.keepAliveTime?.value)
      json.member("tcp_keepalive_interval_seconds", settings.keepAliveInterval?.value)
      json.setting("tcp_keepalive_probes", settings.keepAliveProbes)
      json.ports("ip_local_port_range", settings.ephemeralPorts)
      json.object("counters") { json in
        for counter in kernel.counters { json.member(counter.name, counter.value) }
      }
    }
  }

  private mutating func setting(_ key: String, _ value: Int?) {
    if let value { member(key, value) } else { null(key) }
  }

  private mutating func ports(_ key: String, _ range: ClosedRange<UInt16>?) {
    guard let range else {
      null(key)
      return
    }
    array(key) { json in
      json.member(nil, range.lowerBound)
      json.member(nil, range.upperBound)
    }
  }

  package mutating func peers(_ peers: [PeerAccount]) {
    array("peers") { json in
      for peer in peers { json.peer(peer) }
    }
  }

  private mutating func peer(_ peer: PeerAccount) {
    object { json in
      json.member("address", peer.address.description)
      json.member("service", peer.service.description)
      json.member("connections", peer.connections)
      json.member("open", peer.open)
      json.object("time_wait") { json in
        json.member("client", peer.timeWaitClient)
        json.member("server", peer.timeWaitServer)
      }
      json.closers("closed_first", peer.closedFirst)
      json.array("recent_ports") { json in
        for port in peer.recentPorts { json.member(nil, port) }
      }
      json.member("new_ports", peer.newPorts)
    }
  }
}
