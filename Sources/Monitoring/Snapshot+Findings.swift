package import CloseDiagnosis
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

extension Snapshot {
  /// What a good colleague would point out, the most urgent first.
  package var findings: [Finding] {
    let ports = portFindings
    return ports + causes.findings + [ports.isEmpty ? harmlessTimeWait : nil].compactMap { $0 }
  }

  /// A third of the ports is when it is worth a word.
  private static let notableShare = 1.0 / 3

  private var portFindings: [Finding] {
    guard let settings else { return [] }
    return accounts.portUses.compactMap { use in
      guard let forecast = settings.forecast(use) else { return nil }
      guard forecast.share >= Self.notableShare || use.used > 0 && forecast.share >= 1 else { return nil }
      return Finding(use, forecast)
    }
  }

  /// Octets that the kernel takes for one (tcp_timewait_sock and its hash bucket), generously.
  private static let octetsPerTimeWait = 400

  private var harmlessTimeWait: Finding? {
    guard let settings else { return nil }
    let count = accounts.local[.timeWait]
    guard count >= 100, count < (settings.maximumTimeWaitBuckets ?? .max) / 2 else { return nil }
    let kilobytes = max(count * Self.octetsPerTimeWait / 1024, 1)
    return Finding(
      .harmlessTimeWait,
      .info,
      summary: "\(count) TIME_WAIT of this host cost about \(kilobytes) KB, and no port is short: harmless.",
      advice: "Nothing to do: TIME_WAIT keeps late segments of an old connection out of a new one.",
      evidence: [
        Finding.Evidence("time_wait", .count(count)),
        Finding.Evidence("tcp_max_tw_buckets", settings.maximumTimeWaitBuckets.map { .count($0) }),
      ]
    )
  }
}

extension Finding {
  fileprivate init(_ use: PortUse, _ forecast: PortForecast) {
    let percent = Int((forecast.share * 100).rounded(.down))
    let soon = forecast.secondsToExhaustion.map { $0 > 0 ? ", the last is taken in \(Int($0)) s" : ", none is left" }
    let rate = use.closesPerSecond.map { ", \(Int($0.rounded())) closed a second" } ?? ""
    self.init(
      .ephemeralPortsRunningOut,
      forecast.secondsToExhaustion == nil && forecast.share < 0.8 ? .warning : .critical,
      summary: """
        \(use.address) holds \(use.used) of \(forecast.limit) ports (\(percent) %) towards \(use.destination), \
        \(use.timeWait) of them in TIME_WAIT\(rate)\(soon ?? "").
        """,
      advice: """
        Reuse connections: at most \(Int(forecast.ceilingPerSecond)) new ones a second fit. Go: \
        Transport.MaxIdleConnsPerHost up to what runs at a time, and bodies read to their end; nginx: keepalive in \
        upstream. Then net.ipv4.ip_local_port_range, more addresses, or net.ipv4.tcp_tw_reuse=1.
        """,
      evidence: [
        Evidence("address", .text(use.address.description)),
        Evidence("destination", .text(use.destination.description)),
        Evidence("ports_used", .count(use.used)),
        Evidence("ports_time_wait", .count(use.timeWait)),
        Evidence("ports_limit", .count(forecast.limit)),
        Evidence("closes_per_second", use.closesPerSecond.map { .number($0) }),
        Evidence("seconds_to_exhaustion", forecast.secondsToExhaustion.map { .number($0) }),
      ]
    )
  }
}
