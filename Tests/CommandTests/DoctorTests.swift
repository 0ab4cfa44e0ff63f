import PacketDecoding
import Settings
import Testing

@testable import KernelSockets
@testable import tcpstated

@Suite struct DoctorTests {
  /// A host on which all is well.
  static var healthy: HostFacts {
    var facts = HostFacts()
    facts.mayCapture = true
    facts.interfaces = [
      interface("lo", isLoopback: true), interface("eth0", address: 0x0A00_0001), interface("veth1"),
      interface("eth1", isUp: false),
    ]
    facts.kernel = [
      "net.ipv4.tcp_max_tw_buckets": "131072", "net.ipv4.ip_local_port_range": "32768\t60999",
      "net.ipv4.tcp_tw_reuse": "2", "net.ipv4.tcp_rfc1337": "0",
      "net.ipv4.tcp_fin_timeout": "60",
    ]
    facts.libpcap = "libpcap version 1.10.3"
    return facts
  }

  static func interface(
    _ name: String,
    isUp: Bool = true,
    isLoopback: Bool = false,
    address: UInt32? = nil
  ) -> NetworkInterface {
    let addresses = address.map { [IPAddress(ipv4: $0)] } ?? []
    return NetworkInterface(index: 1, name: name, isUp: isUp, isLoopback: isLoopback, addresses: addresses)
  }

  static func lines(_ facts: HostFacts) -> [String] {
    var page = Page()
    facts.findings.forEach { page.add($0) }
    return page.lines
  }

  @Test func findsNothingOnAHealthyHost() {
    #expect(
      Self.lines(Self.healthy).joined(separator: "\n") == """
        ok    may capture packets (CAP_NET_RAW)
        ok    libpcap version 1.10.3
        ok    interfaces to watch: lo, eth0
        ok    no configuration at /etc/tcpstated/tcpstated.yaml: the defaults hold
        ok    127.0.0.1:11060 is free; no daemon is running
        ok    tcp_max_tw_buckets is 131,072
        ok    ip_local_port_range 32768-60999 has 28,232 ports: 470 connections/s to one destination when this host closes first
        ok    tcp_tw_reuse is 2: ports in TIME_WAIT are taken again on loopback only
        ok    tcp_rfc1337 is 0: an RST ends TIME_WAIT
        ok    tcp_fin_timeout is 60 s: for FIN_WAIT_2 without a process; TIME_WAIT lasts 60 s whatever it is
        """
    )
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout HostFacts) -> Void
    var line: String

    init(_ name: String, _ line: String, _ change: @escaping @Sendable (inout HostFacts) -> Void) {
      testDescription = name
      self.line = line
      self.change = change
    }
  }

  static let cases = [
    Case(
      "no capability",
      "fail  may not capture packets: CAP_NET_RAW is lacking — run with sudo, or start the systemd unit, which grants it: "
        + "systemctl start tcpstated"
    ) { $0.mayCapture = false },
    Case("no capability, but a daemon", "ok    the daemon captures packets; this user may not, and need not") {
      $0.mayCapture = false
      $0.answer = .daemon(version: "1.2.3")
    },
    Case("a daemon", "ok    a daemon answers at http://127.0.0.1:11060, version 1.2.3") {
      $0.answer = .daemon(version: "1.2.3")
    },
    Case(
      "another program on the port",
      "fail  127.0.0.1:11060 is taken, and not by a daemon: no JSON — stop that program, or set http.listen to another port"
    ) { $0.answer = .somethingElse("no JSON") },
    Case("no interfaces", "fail  no interface is up and has an address — bring one up: ip link set NAME up") {
      $0.interfaces.removeFirst(2)
    },
    Case(
      "a configured interface that is not there",
      "fail  there is no interface bond0 — name another under interfaces in the configuration: lo, eth0, veth1, eth1"
    ) { $0.configuration = Self.configuration(interfaces: ["bond0"]) },
    Case("a configured interface that is down", "warn  interface eth1 is down — bring it up: ip link set eth1 up") {
      $0.configuration = Self.configuration(interfaces: ["eth0", "eth1"])
    },
    Case("a valid configuration", "ok    configuration a.yaml is valid") {
      $0.configuration = Self.configuration(interfaces: ["eth0"])
    },
    Case("an invalid configuration", "fail  a.yaml:3:1: unknown key — mend this line") {
      $0.configuration = .invalid([SettingsError(file: "a.yaml", line: 3, column: 1, message: "unknown key")])
    },
    Case("no configuration", "fail  a.yaml: cannot be opened — name a file that can be read") {
      $0.configuration = .invalid([SettingsError(file: "a.yaml", message: "cannot be opened")])
    },
    Case("an invalid configuration, twice", "fail  a.yaml: x — tcpstated check-config shows all 2 errors") {
      $0.configuration = .invalid([
        SettingsError(file: "a.yaml", message: "x"), SettingsError(file: "a.yaml", message: "y"),
      ])
    },
    Case(
      "few buckets",
      "warn  tcp_max_tw_buckets is 4,096: beyond it TIME_WAIT is cut short, and late packets are answered by RST — "
        + "sysctl -w net.ipv4.tcp_max_tw_buckets=131072"
    ) { $0.kernel["net.ipv4.tcp_max_tw_buckets"] = "4096" },
    Case(
      "few ports",
      "warn  ip_local_port_range 60000-60999 has 1,000 ports: 16 connections/s to one destination when this host closes first"
        + #" — sysctl -w net.ipv4.ip_local_port_range="1024 60999""#
    ) { $0.kernel["net.ipv4.ip_local_port_range"] = "60000\t60999" },
    Case("tw_reuse on", "ok    tcp_tw_reuse is 1: outgoing connections may take ports in TIME_WAIT after a second") {
      $0.kernel["net.ipv4.tcp_tw_reuse"] = "1"
    },
    Case(
      "rfc1337 on",
      "warn  tcp_rfc1337 is 1: an RST does not end TIME_WAIT here, and the figures take it that it does — "
        + "sysctl -w net.ipv4.tcp_rfc1337=0, or expect the kernel to count a little more"
    ) { $0.kernel["net.ipv4.tcp_rfc1337"] = "1" },
    Case(
      "no /proc",
      "warn  the kernel's settings cannot be read — mount /proc, or allow this user to read /proc/sys/net/ipv4"
    ) { $0.kernel = [:] },
  ]

  static func configuration(interfaces: [String]) -> HostFacts.Configuration {
    var settings = Settings()
    settings.interfaces = interfaces
    return .valid(settings, path: "a.yaml")
  }

  @Test(arguments: cases)
  func saysWhatIsWrongAndHowToMendIt(_ host: Case) {
    var facts = Self.healthy
    host.change(&facts)
    #expect(Self.lines(facts).contains(host.line))
  }

  @Test func looksAtThisHost() {
    let facts = HostFacts.read(configuration: nil)
    #expect(facts.interfaces.contains { $0.name == "lo" })
    #expect(facts.libpcap.contains("libpcap"))
    #expect(Set(facts.kernel.keys) == Set(HostFacts.kernelNames))
  }
}
