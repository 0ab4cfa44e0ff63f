internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding
package import StateAccounting

extension KernelSettings {
  /// Ports that connect(2) may take.
  package var ephemeralPortCount: Int? { ephemeralPorts.map { max($0.count - reservedPorts, 0) } }

  /// Whether a new connection to the address may take over a port in TIME_WAIT.
  package func reusesTimeWait(towards address: IPAddress) -> Bool {
    switch timeWaitReuse {
    case 1: true
    case 2: address.isLoopback
    default: false
    }
  }

  package func forecast(_ use: PortUse) -> PortForecast? {
    ephemeralPortCount.map {
      PortForecast(use, limit: $0, reusesTimeWait: reusesTimeWait(towards: use.destination.address))
    }
  }
}

extension IPAddress {
  fileprivate var isLoopback: Bool {
    isIPv4 ? low >> 24 & 0xFF == 0x7F : high == 0 && low == 1
  }
}

// Ports and TIME_WAITs: what is short, and what is not.
extension Snapshot {
  /// A third of the ports is when it is worth a word.
  private static let notableShare = 1.0 / 3

  var portFindings: [Finding] {
    guard let settings else { return [] }
    return accounts.portUses.compactMap { use in
      guard let forecast = settings.forecast(use) else { return nil }
      guard forecast.share >= Self.notableShare || use.used > 0 && forecast.share >= 1 else { return nil }
      return Finding(use, forecast, settings)
    }
  }

  func timeWaitFindings(arePortsShort: Bool) -> [Finding] {
    [timeWaitLimit ?? (arePortsShort ? nil : harmlessTimeWait)].compactMap { $0 }
  }

  /// Sockets that skip TIME_WAIT, or soon will.
  private var timeWaitLimit: Finding? {
    guard let limit = settings?.maximumTimeWaitBuckets, limit > 0 else { return nil }
    let (count, skipped) = (accounts.local[.timeWait], increases["TcpExtTCPTimeWaitOverflow"] ?? 0)
    guard count * 2 >= limit || skipped > 0 else { return nil }
    let lost = skipped > 0 ? "; \(skipped) sockets had none since the daemon started, and a late FIN got an RST" : ""
    return Finding(
      .timeWaitLimit,
      skipped > 0 || count * 10 >= limit * 9 ? .critical : .warning,
      summary: "\(count) TIME_WAIT of this host, of at most \(limit) (net.ipv4.tcp_max_tw_buckets)\(lost).",
      advice: """
        Reuse connections, so that fewer end: tcpstated services tells where they come from. Then \
        net.ipv4.tcp_max_tw_buckets: each costs less than 400 octets.
        """,
      evidence: [
        Finding.Evidence("time_wait", .count(count)),
        Finding.Evidence("tcp_max_tw_buckets", .count(limit)),
        Finding.Evidence("time_wait_overflows", .count(skipped)),
      ]
    )
  }

  /// Octets that the kernel takes for one (tcp_timewait_sock and its hash bucket), generously.
  private static let octetsPerTimeWait = 400
  /// What Linux hands out unless somebody changed it: 32768 to 60999.
  private static let usualPorts = 28_232

  private var harmlessTimeWait: Finding? {
    let ofHost = settings != nil
    let count = ofHost ? accounts.local[.timeWait] : accounts.client[.timeWait] + accounts.server[.timeWait]
    guard count >= 100 else { return nil }
    let kilobytes = max(count * Self.octetsPerTimeWait / 1024, 1)
    let evidence = [
      Finding.Evidence("time_wait", .count(count)),
      Finding.Evidence("tcp_max_tw_buckets", settings?.maximumTimeWaitBuckets.map { .count($0) }),
    ]
    let advice = "Nothing to do: TIME_WAIT keeps late segments of an old connection out of a new one."
    guard !ofHost else {
      return Finding(
        .harmlessTimeWait,
        .info,
        summary: "\(count) TIME_WAIT of this host cost about \(kilobytes) KB, and no port is short: harmless.",
        advice: advice,
        evidence: evidence
      )
    }
    // A file does not tell how many ports there are.
    let busiest = accounts.peers.map(\.timeWaitClient).max() ?? 0
    guard Double(busiest) < Double(Self.usualPorts) * Self.notableShare else { return nil }
    return Finding(
      .harmlessTimeWait,
      .info,
      summary: """
        \(count) TIME_WAIT at the end cost about \(kilobytes) KB, and no client holds more than \(busiest) ports in TIME_WAIT \
        towards one destination, of the \(Self.usualPorts) that Linux has by default: harmless.
        """,
      advice: advice,
      evidence: evidence + [Finding.Evidence("most_ports_of_one_client", .count(busiest))]
    )
  }
}

extension Finding {
  fileprivate init(_ use: PortUse, _ forecast: PortForecast, _ settings: KernelSettings) {
    let percent = Int((forecast.share * 100).rounded(.down))
    let soon = forecast.secondsToExhaustion.map { $0 > 0 ? ", the last is taken in \(Int($0)) s" : ", none is left" }
    let rate = use.closesPerSecond.map { ", \(Int($0.rounded())) closed a second" } ?? ""
    let reuse = settings.timeWaitReuse == 1 ? "" : ", or net.ipv4.tcp_tw_reuse=1"
    self.init(
      .ephemeralPortsRunningOut,
      forecast.secondsToExhaustion == nil && forecast.share < 0.8 ? .warning : .critical,
      summary: """
        \(use.address) holds \(use.used) of \(forecast.limit) ports (\(percent) %) towards \(use.destination), \
        \(use.timeWait) of them in TIME_WAIT\(rate)\(soon ?? "").
        """,
      advice: """
        At most \(Int(forecast.ceilingPerSecond)) new connections a second fit. Reuse them (Go: \
        Transport.MaxIdleConnsPerHost up to what runs at a time, and bodies read to their end; nginx: keepalive in \
        upstream). Then a wider net.ipv4.ip_local_port_range, more addresses\(reuse).
        """,
      evidence: [
        Evidence("address", .text(use.address.description)),
        Evidence("destination", .text(use.destination.description)),
        Evidence("ports_used", .count(use.used)),
        Evidence("ports_time_wait", .count(use.timeWait)),
        Evidence("ports_limit", .count(forecast.limit)),
        Evidence("closes_per_second", use.closesPerSecond.map { .number($0) }),
        Evidence("seconds_to_exhaustion", forecast.secondsToExhaustion.map { .number($0) }),
      ],
      service: use.destination
    )
  }
}
