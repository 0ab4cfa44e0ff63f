import Testing

@testable import Settings

@Suite("What a running daemon cannot take over")
struct RestartTests {
  @Test(arguments: [
    ("", []),
    ("interfaces: [eth0]", ["interfaces"]),
    ("capture: {buffer: 1MiB}", ["capture.buffer"]),
    ("capture: {snap_length: 1}", ["capture.snap_length"]),
    ("capture: {workers: 2}", ["capture.workers"]),
    ("capture: {promiscuous: true}", ["capture.promiscuous"]),
    ("capture: {decapsulate: false}", ["capture.decapsulate"]),
    ("http: {listen: '127.0.0.1:1'}", ["http.listen"]),
    ("http: {allowed_hosts: [a]}", ["http.allowed_hosts"]),
    ("http: {socket: /nowhere/s}", ["http.socket"]),
    ("http: {metrics_listen: '0.0.0.0:1'}", ["http.metrics_listen"]),
    ("memory_limit: 1GiB", ["memory_limit"]),
    ("closed_retention: {for: 1s}", ["closed_retention.for"]),
    ("closed_retention: {count: 1}", ["closed_retention.count"]),
    ("state_directory: /nowhere", ["state_directory"]),
    ("recorder: {size: 0}", ["recorder"]),
    ("history: {for: 1h}", ["history"]),
    ("history: {size: 0}", ["history"]),
    ("deliver: {alertmanager: {urls: ['http://a']}}", ["deliver"]),
    ("log: {level: debug}", ["log.level"]),
    ("log: {format: json}", ["log.format"]),
    ("local: [10.0.0.0/8]", []),
    ("kernel: {interval: 1s}", []),
    ("kernel: {processes: true}", ["kernel.processes"]),
    ("labels: {a: b}", []),
    ("alerts: []", []),
    ("log: {level: debug}\nhttp: {listen: '127.0.0.1:1'}", ["http.listen", "log.level"]),
  ])
  func keys(_ text: String, _ keys: [String]) throws {
    let changed = try Settings.parse(text, file: "f")
    #expect(Settings().keysForRestart(in: changed) == keys)
    #expect(changed.keysForRestart(in: Settings()) == keys)
  }
}
