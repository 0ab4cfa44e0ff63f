/// What the kernel counts of TCP in this network namespace since it exists: /proc/net/snmp and /proc/net/netstat, which
/// are pairs of lines, one with names and one with values (net/ipv4/proc.c).
package struct NetworkCounters: Sendable, Equatable {
  /// In the order of `names`; nil where this kernel has none.
  private var values = [Int?](repeating: nil, count: names.count)

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
  private static let octetsOfNames = names.map { Array($0.utf8) }
  private static let overflows = names.firstIndex(of: "TcpExtTCPTimeWaitOverflow")
  private static let prefixes = ["Tcp", "TcpExt"].map { Array($0.utf8) }

  package init() {}

  /// What stands there now; a file that cannot be read gives nothing.
  package static func read(directory: String = "/proc/thread-self/net") -> NetworkCounters {
    var counters = NetworkCounters()
    var text: [UInt8] = []
    for file in ["snmp", "netstat"] {
      KernelFile.read("\(directory)/\(file)", into: &text)
      counters.add(text)
    }
    return counters
  }

  /// Nil for one that this kernel does not have.
  package subscript(name: String) -> Int? { Self.names.firstIndex(of: name).flatMap { values[$0] } }

  /// How many sockets skipped TIME_WAIT because there were `tcp_max_tw_buckets` already.
  package var timeWaitOverflows: Int { Self.overflows.flatMap { values[$0] } ?? 0 }

  /// The known ones that this kernel has, in a steady order.
  package var known: [(name: String, value: Int)] {
    zip(Self.names, values).compactMap { name, value in value.map { (name, $0) } }
  }

  /// Read every second as long as the daemon runs: octets, for strings would cost a hundred times as much.
  mutating func add(_ text: [UInt8]) {
    var header: ArraySlice<UInt8> = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        let prefix = Self.prefixes.first(where: { line[..<colon].elementsEqual($0) })
      else { continue }
      if header.prefix(colon - line.startIndex + 1).elementsEqual(line[...colon]) {
        add(Words(header[(header.startIndex + prefix.count + 1)...]), Words(line[(colon + 1)...]), prefix)
        header = []
      } else {
        header = line
      }
    }
  }

  private mutating func add(_ names: Words, _ values: Words, _ prefix: [UInt8]) {
    for (name, value) in zip(names, values) {
      guard let place = Self.place(of: name, prefix) else { continue }
      self.values[place] = Self.number(value)
    }
  }

  private static func place(of name: ArraySlice<UInt8>, _ prefix: [UInt8]) -> Int? {
    octetsOfNames.firstIndex {
      $0.count == prefix.count + name.count && $0.last == name.last && $0.starts(with: prefix)
        && $0.dropFirst(prefix.count).elementsEqual(name)
    }
  }

  /// Nil for what is no number, or too great for one.
  private static func number(_ word: ArraySlice<UInt8>) -> Int? {
    let isNegative = word.first == UInt8(ascii: "-")
    let digits = isNegative ? word.dropFirst() : word
    guard !digits.isEmpty else { return nil }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tenfold.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return isNegative ? -value : value
  }
}

/// What stands between spaces.
private struct Words: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ line: ArraySlice<UInt8>) { rest = line }

  mutating func next() -> ArraySlice<UInt8>? {
    let space = UInt8(ascii: " ")
    guard let start = rest.firstIndex(where: { $0 != space }) else { return nil }
    let end = rest[start...].firstIndex(of: space) ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[start..<end]
  }
}
