import Alerting
import PacketDecoding
import Testing

@testable import Settings

@Suite("What a configuration says")
struct GoodDocumentTests {
  @Test(arguments: ["", "# nothing\n", "---\n", "{}", "~", Settings.defaultDocument])
  func defaults(_ text: String) throws {
    #expect(try Settings.parse(text, file: "f") == Settings())
  }

  @Test("Every key at once")
  func everyKey() throws {
    let settings = try Settings.parse(
      """
      interfaces: [eth0, lo]
      capture: {buffer: 1GiB, snap_length: 0, promiscuous: true, workers: 4, decapsulate: false}
      local: [10.0.0.0/8, "fd00::/8", 192.0.2.1]
      http:
        listen: "[::1]:0"
        allowed_hosts: [status.example.org]
        socket: /run/tcpstated/api.sock
        metrics_listen: 0.0.0.0:9100
      memory_limit: 1TiB
      closed_retention: {for: 1h30m, count: 0}
      history: {for: 90d, size: 1GiB}
      log: {level: debug, format: json}
      labels: {rack: 12, zone: "a: b"}
      """,
      file: "f"
    )
    #expect(settings.interfaces == ["eth0", "lo"])
    #expect(settings.capture.buffer == 1 << 30)
    #expect(settings.capture.snapLength == 0)
    #expect(settings.capture.workers == 4)
    #expect(settings.capture.promiscuous && !settings.capture.decapsulate)
    #expect(settings.local.map(\.prefixLength) == [8, 8, 32])
    #expect(settings.http.listen == Endpoint(address: IPAddress(high: 0, low: 1), port: 0))
    #expect(settings.http.allowedHosts == ["status.example.org"])
    #expect(settings.http.socket == "/run/tcpstated/api.sock")
    #expect(settings.http.metricsListen == Endpoint(address: IPAddress(ipv4: 0), port: 9100))
    #expect(settings.memoryLimit == 1 << 40)
    #expect(settings.closedRetention.duration == Seconds(5400))
    #expect(settings.closedRetention.count == 0)
    #expect(settings.history.duration == Seconds(90 * 86_400))
    #expect(settings.history.size == 1 << 30)
    #expect(settings.log.level == .debug)
    #expect(settings.log.format == .json)
    #expect(settings.labels == [Label(name: "rack", value: "12"), Label(name: "zone", value: "a: b")])
    #expect(settings.alerts == [.timeWait])
  }

  @Test("A section whose keys are commented out keeps its defaults")
  func emptySection() throws {
    #expect(try Settings.parse("http:\n  # listen: 127.0.0.1:1\nlabels:\n", file: "f") == Settings())
  }

  @Test(
    "Listeners that do not get in each other's way",
    arguments: [
      "metrics_listen: '127.0.0.2:11060'", "metrics_listen: '[::1]:11060'", "metrics_listen: '0.0.0.0:11061'",
      "listen: '[::1]:1', metrics_listen: '0.0.0.0:1'", "listen: '127.0.0.1:0', metrics_listen: '127.0.0.1:0'",
    ]
  )
  func listeners(_ http: String) throws {
    #expect(try Settings.parse("http: {\(http)}", file: "f").http.metricsListen != nil)
  }

  @Test("No alerts is not the same as none said")
  func noAlerts() throws {
    #expect(try Settings.parse("alerts: []", file: "f").alerts.isEmpty)
  }

  @Test("A rule, and what it need not say")
  func rules() throws {
    let settings = try Settings.parse(
      """
      alerts:
        - {name: a, metric: close_wait, raise: 50}
        - {name: b, metric: capture_drop_percent, raise: 0.5, clear: 0.1, for: 1m, keep_firing_for: 0, severity: critical}
        - {name: c, metric: resets_per_second, side: any, by: service, raise: 1e2}
      """,
      file: "f"
    )
    let a = AlertRule(name: "a", metric: .closeWait, side: .local, by: .host, raise: 50, clear: 40)
    var b = AlertRule(name: "b", metric: .captureDropPercent, side: .any, raise: 0.5, clear: 0.1)
    (b.hold, b.keepFiringFor, b.severity) = (Seconds(60), .zero, .critical)
    let c = AlertRule(name: "c", metric: .resetsPerSecond, side: .any, by: .service, raise: 100, clear: 80)
    #expect(settings.alerts == [a, b, c])
  }

  @Test("A rule with everything that it can say")
  func fullRule() throws {
    let text = """
      alerts:
        - name: a
          metric: closes_per_second
          side: server
          by: service
          where: {service: [":8081", 10.0.0.0/8], unit: nginx*, peer: 10.1.0.0/16}
          over: 1m
          min_interval: 10m
          baseline: {over: 2h, floor: 5}
          for: 1s
          levels:
            - {severity: critical, raise: 100, for: 2s}
            - {severity: warning, raise: 10, clear: 5}
        - {name: b, metric: reuse_percent, raise: 50, at_least: 100}
        - {name: c, metric: close_wait, by: unit, older_than: 5m, raise: 10}
      """
    var a = AlertRule(name: "a", metric: .closesPerSecond, side: .server, by: .service, raise: 10)
    a.filter.services = [ServicePattern(":8081"), ServicePattern("10.0.0.0/8")].compactMap { $0 }
    (a.filter.units, a.filter.peers) = (["nginx*"], [CIDR("10.1.0.0/16")].compactMap { $0 })
    (a.window, a.minInterval, a.baseline) = (Seconds(60), Seconds(600), AlertBaseline(over: Seconds(7200), floor: 5))
    a.setLevels([
      AlertThreshold(severity: .warning, raise: 10, clear: 5, hold: Seconds(1), keepFiringFor: Seconds(30)),
      AlertThreshold(severity: .critical, raise: 100, clear: 80, hold: Seconds(2), keepFiringFor: Seconds(30)),
    ])
    var b = AlertRule(name: "b", metric: .reusePercent, side: .any, raise: 50, clear: 62.5)
    (b.direction, b.atLeast) = (.below, 100)
    var c = AlertRule(name: "c", metric: .closeWait, by: .unit, raise: 10)
    c.olderThan = Seconds(300)
    #expect(try Settings.parse(text, file: "f").alerts == [a, b, c])
  }

  @Test("An anchor is read where it is used")
  func anchors() throws {
    let text = "alerts:\n- {name: a, metric: time_wait, raise: &n 7}\n- {name: b, metric: close_wait, raise: *n}"
    #expect(try Settings.parse(text, file: "f").alerts.map(\.raise) == [7, 7])
  }
}
