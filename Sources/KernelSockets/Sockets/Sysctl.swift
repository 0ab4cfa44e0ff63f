/// The kernel's TCP settings of this network namespace (Documentation/networking/ip-sysctl.rst). Each is nil where the
/// kernel does not have it, or not in this namespace, or /proc is not mounted.
package struct Sysctl: Sendable {
  private let directory: String

  package init(directory: String = "/proc/sys/net/ipv4") {
    self.directory = directory
  }

  /// Seconds that an orphaned connection stays in FIN_WAIT_2.
  package var tcpFINTimeout: Int? { value("tcp_fin_timeout") }
  /// Above so many, sockets skip TIME_WAIT.
  package var tcpMaxTimeWaitBuckets: Int? { value("tcp_max_tw_buckets") }
  /// The ports that connect(2) picks from.
  package var localPortRange: ClosedRange<UInt16>? {
    guard let numbers = values("ip_local_port_range"), numbers.count == 2,
      let first = UInt16(exactly: numbers[0]), let last = UInt16(exactly: numbers[1]), first <= last
    else { return nil }
    return first...last
  }
  /// Whether an RST does not end TIME_WAIT (RFC 1337).
  package var tcpRFC1337: Bool? { value("tcp_rfc1337").map { $0 != 0 } }
  /// When a new connection may take a port in TIME_WAIT: 0 never, 1 always, 2 on the loopback.
  package var tcpTimeWaitReuse: Int? { value("tcp_tw_reuse") }
  /// This host passes packets on, and some connections through it may bear its addresses.
  package var forwards: Bool { ["ip_forward", "../ipv6/conf/all/forwarding"].contains { value($0) ?? 0 != 0 } }
  /// Netfilter works on what bridges forward (br_netfilter).
  package var rewritesOnBridges: Bool {
    ["ip", "ip6"].contains { value("../bridge/bridge-nf-call-\($0)tables") ?? 0 != 0 }
  }
  package var tcpSYNRetries: Int? { value("tcp_syn_retries") }
  package var tcpSYNACKRetries: Int? { value("tcp_synack_retries") }
  /// Retransmissions before a connection is given up: established ones, and orphans.
  package var tcpRetries2: Int? { value("tcp_retries2") }
  package var tcpOrphanRetries: Int? { value("tcp_orphan_retries") }
  /// Seconds of silence before the first keep-alive probe.
  package var tcpKeepAliveTime: Int? { value("tcp_keepalive_time") }
  /// Seconds between probes, and how many go unanswered before the connection is given up.
  package var tcpKeepAliveInterval: Int? { value("tcp_keepalive_intvl") }
  package var tcpKeepAliveProbes: Int? { value("tcp_keepalive_probes") }

  /// How many ports of a range connect(2) does not pick.
  package func reservedPorts(in range: ClosedRange<UInt16>) -> Int {
    let text = text("ip_local_reserved_ports") ?? ""
    var reserved: Set<UInt16> = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      let bounds = part.split(separator: "-").compactMap { UInt16($0) }
      guard let first = bounds.first, let last = bounds.last, first <= last else { continue }
      reserved.formUnion((first...last).filter(range.contains))
    }
    return reserved.count
  }

  private func value(_ name: String) -> Int? {
    guard let numbers = values(name), numbers.count == 1 else { return nil }
    return numbers[0]
  }

  /// The numbers of a setting, by its file's name.
  package func values(_ name: String) -> [Int]? {
    guard let text = text(name) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    let numbers = words.compactMap { Int($0) }
    return numbers.count == words.count ? numbers : nil
  }

  private func text(_ name: String) -> String? { KernelFile.text(directory + "/" + name) }
}
