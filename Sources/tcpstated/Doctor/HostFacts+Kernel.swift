extension HostFacts {
  /// The settings that decide how much TIME_WAIT this host can bear, and what it does with it.
  static let kernelNames = [
    "net.ipv4.tcp_max_tw_buckets", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_fin_timeout",
  ]

  /// A quarter of the default of a small machine, and half of the default range.
  private static let fewBuckets = 16_384
  private static let fewPorts = 14_116
  /// Linux keeps TIME_WAIT for 60 s whatever is set.
  private static let timeWaitSeconds = 60

  var kernelFindings: [Finding] {
    guard !kernel.isEmpty else {
      return [
        .warn("the kernel's settings cannot be read", "mount /proc, or allow this user to read /proc/sys/net/ipv4")
      ]
    }
    return [buckets, ports, reuse, rfc1337, finTimeout].compactMap { $0 }
  }

  private func numbers(_ name: String) -> [Int] {
    kernel[name]?.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) } ?? []
  }

  private func number(_ name: String) -> Int? { numbers(name).first }

  private var buckets: Finding? {
    guard let limit = number("net.ipv4.tcp_max_tw_buckets") else { return nil }
    let what = "tcp_max_tw_buckets is \(Figure.count(limit))"
    guard limit < Self.fewBuckets else { return .ok(what) }
    return .warn(
      "\(what): beyond it TIME_WAIT is cut short, and late packets are answered by RST",
      "sysctl -w net.ipv4.tcp_max_tw_buckets=131072"
    )
  }

  private var ports: Finding? {
    let range = numbers("net.ipv4.ip_local_port_range")
    guard range.count == 2, range[1] >= range[0] else { return nil }
    let count = range[1] - range[0] + 1
    let what =
      "ip_local_port_range \(range[0])-\(range[1]) has \(Figure.count(count)) ports: "
      + "\(count / Self.timeWaitSeconds) connections/s to one destination when this host closes first"
    guard count < Self.fewPorts else { return .ok(what) }
    return .warn(what, "sysctl -w net.ipv4.ip_local_port_range=\"1024 60999\"")
  }

  private var reuse: Finding? {
    switch number("net.ipv4.tcp_tw_reuse") {
    case 0: .ok("tcp_tw_reuse is 0: no port in TIME_WAIT is taken for a new connection")
    case 1: .ok("tcp_tw_reuse is 1: outgoing connections may take ports in TIME_WAIT after a second")
    case 2: .ok("tcp_tw_reuse is 2: ports in TIME_WAIT are taken again on loopback only")
    default: nil
    }
  }

  private var rfc1337: Finding? {
    switch number("net.ipv4.tcp_rfc1337") {
    case 0: .ok("tcp_rfc1337 is 0: an RST ends TIME_WAIT")
    case 1:
      .warn(
        "tcp_rfc1337 is 1: an RST does not end TIME_WAIT here, and the figures take it that it does",
        "sysctl -w net.ipv4.tcp_rfc1337=0, or expect the kernel to count a little more"
      )
    default: nil
    }
  }

  private var finTimeout: Finding? {
    number("net.ipv4.tcp_fin_timeout").map {
      .ok("tcp_fin_timeout is \($0) s: for FIN_WAIT_2 without a process; TIME_WAIT lasts 60 s whatever it is")
    }
  }
}
