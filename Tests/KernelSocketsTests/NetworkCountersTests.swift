import Testing

@testable import KernelSockets

@Suite struct NetworkCountersTests {
  @Test("Values are found under their names, in whatever order a kernel has them")
  func pairs() {
    var counters = NetworkCounters()
    counters.add(
      octets: """
        Ip: Forwarding DefaultTTL
        Ip: 1 64
        Tcp: RtoAlgorithm MaxConn OutRsts
        Tcp: 1 -1 7
        """
    )
    counters.add(
      octets: """
        TcpExt: TW TWRecycled TCPTimeWaitOverflow
        TcpExt: 11 2 3
        IpExt: TW
        IpExt: 99
        """
    )
    #expect(counters["TcpOutRsts"] == 7)
    #expect(counters["TcpExtTW"] == 11)
    #expect(counters.timeWaitOverflows == 3)
    #expect(counters["TcpExtTCPAbortOnClose"] == nil)
    #expect(counters.known.map(\.name) == ["TcpOutRsts", "TcpExtTW", "TcpExtTWRecycled", "TcpExtTCPTimeWaitOverflow"])
  }

  @Test("A line without its partner, and one that is too short, say nothing")
  func damaged() {
    var counters = NetworkCounters()
    counters.add(octets: "TcpExt: TW TWRecycled\nTcpExt: 5\nTcpExt: TWKilled")
    #expect(counters["TcpExtTW"] == 5)
    #expect(counters["TcpExtTWRecycled"] == nil)
    #expect(counters["TcpExtTWKilled"] == nil)
  }

  @Test(
    "What is no number says nothing, and a name is the whole word",
    arguments: [
      ("-12", -12), ("9223372036854775807", Int.max), ("9223372036854775808", nil), ("1x", nil), ("-", nil), ("", nil),
    ]
  )
  func numbers(word: String, value: Int?) {
    var counters = NetworkCounters()
    counters.add(octets: "TcpExt: T TWW WT TW\nTcpExt: 1 2 3 \(word)\n")
    #expect(counters["TcpExtTW"] == value)
    #expect(counters.known.count == (value == nil ? 0 : 1))
  }

  @Test("The running kernel counts what is asked for")
  func live() {
    let counters = NetworkCounters.read()
    #expect(counters["TcpExtTW"] != nil)
    #expect(counters["TcpOutRsts"] != nil)
    #expect(NetworkCounters.read(directory: "/nonexistent") == NetworkCounters())
  }
}

extension NetworkCounters {
  fileprivate mutating func add(octets text: String) { add(Array(text.utf8)) }
}
