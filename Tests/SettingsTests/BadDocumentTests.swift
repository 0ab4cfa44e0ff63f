import Alerting
import Testing

@testable import Settings

/// A document, and what is said of it: every error, a line each.
struct BadDocument: CustomTestStringConvertible, Sendable {
  let text: String
  let errors: [String]

  init(_ text: String, _ errors: String...) {
    self.text = text
    self.errors = errors
  }

  var testDescription: String { errors.first ?? text }
}

/// The errors of a document, as `check-config` prints them.
func errors(in text: String, file: String = "f") -> [String] {
  do throws(SettingsErrors) {
    _ = try Settings.parse(text, file: file)
    return []
  } catch {
    return error.description.split(separator: "\n").map(String.init)
  }
}

@Suite("What is wrong in a configuration, and where")
struct BadDocumentTests {
  @Test(arguments: [
    BadDocument("intefaces: []", #"f:1:1: unknown key "intefaces": did you mean "interfaces"?"#),
    BadDocument("log: {lvl: info}", #"f:1:7: unknown key "lvl" in log: there is level, format"#),
    BadDocument(
      "http:\n  listen: 127.0.0.1:1\n  allowed-hosts: []",
      #"f:3:3: unknown key "allowed-hosts" in http: did you mean "allowed_hosts"?"#
    ),
    BadDocument("? [a]\n: 1", "f:1:3: a key must be a word, not a list"),
    BadDocument("- a", "f:1:1: the file: needs keys and values, not a list"),
    BadDocument("hello", #"f:1:1: the file: needs keys and values, not "hello""#),
    BadDocument(
      "<<: {}",
      "f:1:1: unknown key \"<<\": there is interfaces, netns, capture, local, http, memory_limit, "
        + "closed_retention, state_directory, kernel, recorder, history, deliver, export, log, include, labels, alerts"
    ),
    BadDocument(
      "\"a\\nb\": 1",
      "f:1:1: unknown key \"a\\u{a}b\": there is interfaces, netns, capture, local, http, "
        + "memory_limit, closed_retention, state_directory, kernel, recorder, history, deliver, export, log, include, labels, alerts"
    ),
  ])
  func keys(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }

  @Test(arguments: [
    BadDocument("interfaces: eth0", #"f:1:13: interfaces: needs a list ([] for none), not "eth0""#),
    BadDocument("interfaces:", "f:1:12: interfaces: needs a list ([] for none), not nothing"),
    BadDocument("interfaces: [a, b, a]", #"f:1:20: interfaces: "a" is listed twice"#),
    BadDocument("netns: [a, b, a]", #"f:1:15: netns: "a" is listed twice"#),
    BadDocument(
      "interfaces: [an-interface-too-long]",
      #"f:1:14: interfaces: "an-interface-too-long" is no name of an interface"#
    ),
    BadDocument(
      "interfaces: [any]",
      "f:1:14: interfaces: \"any\" is no interface: list those you mean, or none ([]) for all with an address"
    ),
    BadDocument(
      "http:\n  metrics_listen: localhost:11060",
      "f:2:19: http.metrics_listen: 127.0.0.1:11060 takes the port of http.listen (127.0.0.1:11060)"
    ),
    BadDocument(
      "http: {listen: '127.0.0.1:1', metrics_listen: '0.0.0.0:1'}",
      "f:1:47: http.metrics_listen: 0.0.0.0:1 takes the port of http.listen (127.0.0.1:1)"
    ),
    BadDocument(
      "http: {metrics_listen: '[::]:11060'}",
      "f:1:24: http.metrics_listen: [::]:11060 takes the port of http.listen (127.0.0.1:11060)"
    ),
    BadDocument("http: {socket: /tmp}", #"f:1:16: http.socket: "/tmp" exists, and is no socket"#),
    BadDocument("interfaces: [{}]", "f:1:14: interfaces: needs a text, not a mapping"),
    BadDocument("netns: [a/b]", #"f:1:9: netns: "a/b" is no name of a network namespace (ip netns list)"#),
    BadDocument(
      "local: [10.0.0.1/8]",
      "f:1:9: local: needs a network such as 10.0.0.0/8 or fd00::/8 (no bits set after "
        + "the prefix), not \"10.0.0.1/8\""
    ),
    BadDocument("capture: 5", #"f:1:10: capture: needs keys and values, not "5""#),
    BadDocument("capture: {promiscuous: yes}", #"f:1:24: capture.promiscuous: needs true or false, not "yes""#),
    BadDocument("capture: {promiscuous: \"true\"}", #"f:1:24: capture.promiscuous: needs true or false, not "true""#),
    BadDocument("capture: {snap_length: \"256\"}", #"f:1:24: capture.snap_length: needs a whole number, not "256""#),
    BadDocument("capture: {workers: 0}", "f:1:20: capture.workers: 0 is out of range: 1 to 64"),
    BadDocument("capture: {snap_length: 262145}", "f:1:24: capture.snap_length: 262145 is out of range: 0 to 262144"),
    BadDocument(
      "capture: {buffer: 16MB}",
      "f:1:19: capture.buffer: needs a size such as 512KiB, 16MiB or 1GiB, not \"16MB\""
    ),
    BadDocument("capture: {buffer: 2GiB}", "f:1:19: capture.buffer: 2GiB is out of range: 64KiB to 1GiB"),
    BadDocument(
      "memory_limit: 99999999999999999999",
      "f:1:15: memory_limit: needs a size such as 512KiB, 16MiB or 1GiB, "
        + "not \"99999999999999999999\""
    ),
    BadDocument("memory_limit: 1000000", "f:1:15: memory_limit: 1000000 bytes is out of range: 16MiB to 1TiB"),
    BadDocument(
      "closed_retention: {for: 5 min}",
      "f:1:25: closed_retention.for: needs a duration such as 250ms, 5s, 2m or "
        + "1h30m, not \"5 min\""
    ),
    BadDocument("closed_retention: {for: 2d}", "f:1:25: closed_retention.for: 2 d is out of range: 0 s to 1 d"),
    BadDocument("closed_retention: {count: -1}", "f:1:27: closed_retention.count: -1 is out of range: 0 to 10000000"),
    BadDocument("log: {level: warn}", #"f:1:14: log.level: "warn" is not known: did you mean "warning"?"#),
    BadDocument(
      "log: {level: loud}",
      #"f:1:14: log.level: "loud" is not known: there is trace, debug, info, notice, "#
        + "warning, error, critical"
    ),
    BadDocument("log: {format: jsn}", #"f:1:15: log.format: "jsn" is not known: did you mean "json"?"#),
    BadDocument(
      "labels: {1st: x}",
      "f:1:10: labels: the name of a label has letters, digits and _, and does not begin with "
        + "a digit: not \"1st\""
    ),
    BadDocument("labels: {service: x}", #"f:1:10: labels: "service" is a name that alerts give themselves"#),
    BadDocument(
      "recorder:\n  files_size: 1MiB",
      "f:2:15: recorder: file_size (16MiB) is more than files_size (1MiB): such a file would not be kept"
    ),
    BadDocument(
      "recorder: {files_size: 1MiB, file_size: 2MiB}",
      "f:1:41: recorder: file_size (2MiB) is more than files_size (1MiB): such a file would not be kept"
    ),
    BadDocument("labels: {rack: [1]}", "f:1:16: labels.rack: needs a text, not a list"),
  ])
  func values(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }

  @Test(arguments: [
    BadDocument(
      "http: {listen: 0.0.0.0:80}",
      "f:1:16: http.listen: \"0.0.0.0:80\" is not a loopback address: off loopback "
        + "the API would need TLS and a bearer token, which this version does not have; http.metrics_listen serves metrics "
        + "alone to the network"
    ),
    BadDocument(
      "http: {listen: 11060}",
      "f:1:16: http.listen: needs an address and a port such as 127.0.0.1:11060 or "
        + "[::1]:11060, not \"11060\""
    ),
    BadDocument(
      "http: {metrics_listen: \"::1:9100\"}",
      "f:1:24: http.metrics_listen: needs an address and a port such as "
        + "127.0.0.1:11060 or [::1]:11060, not \"::1:9100\""
    ),
    BadDocument(
      "http: {allowed_hosts: [\"a:80\"]}",
      "f:1:24: http.allowed_hosts: needs a host name without a port, not "
        + "\"a:80\""
    ),
    BadDocument(
      "http: {socket: run/x}",
      "f:1:16: http.socket: needs an absolute path of at most 107 bytes, not \"run/x\""
    ),
  ])
  func http(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }

  @Test(arguments: [
    BadDocument("a: b: c", "f:1:5: mapping values are not allowed in this context"),
    BadDocument(
      "log: {level: info",
      "f:2:1: did not find expected ',' or '}' (while parsing a flow mapping that begins on line 1)"
    ),
    BadDocument("log: {}\nlog: {}", "f:1:1: duplicate key \"log\": given more than once in this mapping, first here"),
    BadDocument("log: {}\n---\nlog: {}", "f:2:1: expected a single document in the stream: but found another document"),
    BadDocument("log: {}\n\u{1}", "f:2:1: control characters are not allowed"),
    BadDocument("log: *nowhere", "f:1:6: found undefined alias"),
    BadDocument("'*': 1\n'*': 2", "f:1:1: duplicate key \"*\": given more than once in this mapping, first here"),
    BadDocument(
      "include: [*.yaml",
      "f:2:1: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 1)"
    ),
  ])
  func syntax(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }

  @Test(
    "An alias in a key is refused before what it stands for is looked at",
    arguments: [
      ("- &a x\n- [1, {*a:1}]", "2:8"), ("? *a\n: 1", "1:3"), ("? [&a x, *a]\n: 1", "1:10"),
      ("a: &a x\n? {b: *a}\n: 1", "2:7"), ("[&a x, *a : y]", "1:8"), ("[&a x, *a:*a]", "1:8"),
      ("include: [*.yaml]", "1:11"), (deep, "42:3"),
    ]
  )
  func aliases(_ text: String, _ place: String) {
    let reason = "an alias can be a value, not a key; a text that begins with * needs quotes"
    #expect(errors(in: text) == ["f:\(place): \(reason)"])
  }

  /// Of a few lines more nodes than can be counted: as a key they would be hashed.
  private static var deep: String {
    let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }
    return "a0: &a0 [x]\n" + levels.joined() + "? *a40\n: 1\n"
  }

  @Test("A star that begins no alias is a star")
  func stars() throws {
    let text = """
      # A *note*.
      include: ['*.none', conf.d/*.none, "a *.none"]  # *all
      labels:
        plain: a *b
          *c
        block: |
          *d
      """
    let settings = try Settings.parse(text, file: "/nowhere/f")
    #expect(settings.include == ["*.none", "conf.d/*.none", "a *.none"])
    #expect(settings.labels.map(\.value) == ["a *b *c", "*d"])
  }

  @Test("All of them in one pass, from top to bottom")
  func several() {
    let text = """
      memory_limit: 1MiB
      capture:
        buffer: lots
        snap_length: -1
      intrfaces: []
      """
    #expect(errors(in: text).map { $0.prefix(6) } == ["f:1:15", "f:3:11", "f:4:16", "f:5:1:"])
  }
}
