internal import Glibc

/// What the kernel counts of TCP in this network namespace since it exists: /proc/net/snmp and /proc/net/netstat, which
/// are pairs of lines, one with names and one with values (net/ipv4/proc.c).
package struct NetworkCounters: Sendable, Equatable {
  private var values: [String: Int] = [:]

  /// Those that tell how connections end, by the file's names.
  package static let names = [
    "TcpActiveOpens", "TcpPassiveOpens", "TcpAttemptFails", "TcpEstabResets", "TcpRetransSegs",
    "TcpInErrs", "TcpOutRsts",
    "TcpExtTW", "TcpExtTWRecycled", "TcpExtTWKilled", "TcpExtTCPTimeWaitOverflow", "TcpExtPAWSTimewait",
    "TcpExtTCPAbortOnData", "TcpExtTCPAbortOnClose", "TcpExtTCPAbortOnMemory", "TcpExtTCPAbortOnTimeout",
    "TcpExtTCPAbortOnLinger", "TcpExtTCPAbortFailed",
    "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies",
    "TcpExtTCPOrphanQueued", "TcpExtTCPKeepAlive", "TcpExtTCPTimeouts",
  ]

  package init() {}

  /// What stands there now; a file that cannot be read gives nothing.
  package static func read(directory: String = "/proc/thread-self/net") -> NetworkCounters {
    var counters = NetworkCounters()
    for file in ["snmp", "netstat"] {
      if let text = text(of: "\(directory)/\(file)") { counters.add(text) }
    }
    return counters
  }

  /// Nil for one that this kernel does not have.
  package subscript(name: String) -> Int? { values[name] }

  /// How many sockets skipped TIME_WAIT because there were `tcp_max_tw_buckets` already.
  package var timeWaitOverflows: Int { values["TcpExtTCPTimeWaitOverflow"] ?? 0 }

  /// The known ones that this kernel has, in a steady order.
  package var known: [(name: String, value: Int)] {
    Self.names.compactMap { name in values[name].map { (name, $0) } }
  }

  mutating func add(_ text: String) {
    var names: [Substring] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let prefix = words.first, prefix == "Tcp:" || prefix == "TcpExt:" else { continue }
      if names.first == prefix {
        for (name, value) in zip(names.dropFirst(), words.dropFirst()) {
          values["\(prefix.dropLast())\(name)"] = Int(value)
        }
        names = []
      } else {
        names = words
      }
    }
  }

  private static func text(of path: String) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    let descriptor = FileDescriptor(file)
    var octets: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = unsafe Glibc.read(descriptor.rawValue, &part, part.count)
      guard count > 0 else { break }
      octets += part[..<count]
    }
    return octets.isEmpty ? nil : String(decoding: octets, as: UTF8.self)
  }
}
