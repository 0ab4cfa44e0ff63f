import Testing

@testable import Settings

@Suite("What is wrong in a rule, and where")
struct BadAlertTests {
  /// A good rule that the line under test is added to.
  private static func rule(_ line: String) -> String {
    "alerts:\n  - name: a\n    metric: time_wait\n    raise: 300\n    \(line)\n"
  }

  @Test(arguments: [
    BadDocument("raised: 1", #"f:5:5: unknown key "raised" in alerts: did you mean "raise"?"#),
    BadDocument("clear: 301", "f:5:12: alerts.clear: 301 is above raise (300): it would clear while it fires"),
    BadDocument("clear: 0", #"f:5:12: alerts.clear: "0" is out of range: more than 0, at most 1000000000000"#),
    BadDocument("clear: nan", #"f:5:12: alerts.clear: needs a number, not "nan""#),
    BadDocument("side: locl", #"f:5:11: alerts.side: "locl" is not known: did you mean "local"?"#),
    BadDocument(
      "by: process",
      #"f:5:9: alerts.by: "process" is not known: there is host, service, destination, peer, unit"#
    ),
    BadDocument("when: over", #"f:5:11: alerts.when: "over" is not known: there is above, below"#),
    BadDocument("where: {side: local}", #"f:5:13: unknown key "side" in alerts.where: there is service, unit, peer"#),
    BadDocument(
      "where: {service: web}",
      #"f:5:22: alerts.where.service: needs a server such as 10.0.0.1:8081, 10.0.0.0/8 or ":8081", not "web""#
    ),
    BadDocument(
      "where: {peer: [10.0.0.1/8]}",
      "f:5:20: alerts.where.peer: needs a network such as 10.0.0.0/8 or fd00::/8 (no bits set after the prefix), not "
        + #""10.0.0.1/8""#
    ),
    BadDocument("over: 10s", "f:5:11: alerts.over: time_wait is read at a moment, not counted over a time"),
    BadDocument("older_than: 5m", "f:5:17: alerts.older_than: only for close_wait, fin_wait_2 and half_open"),
    BadDocument("at_least: 5", "f:5:15: alerts.at_least: time_wait is no share of anything"),
    BadDocument("min_interval: 25h", "f:5:19: alerts.min_interval: 1 d 1 h is out of range: 0 s to 1 d"),
    BadDocument("baseline: {over: 1h}", #"f:5:15: alerts.baseline: a baseline needs "floor""#),
    BadDocument(
      "levels: []",
      "f:4:12: alerts.raise: belongs to each of the levels",
      "f:5:13: alerts.levels: needs at least one level"
    ),
    BadDocument("for: 5", #"f:5:10: alerts.for: needs a duration such as 250ms, 5s, 2m or 1h30m, not "5""#),
    BadDocument("keep_firing_for: 25h", "f:5:22: alerts.keep_firing_for: 1 d 1 h is out of range: 0 s to 1 d"),
    BadDocument("severity: page", #"f:5:15: alerts.severity: "page" is not known: there is info, warning, critical"#),
  ])
  func lines(_ document: BadDocument) {
    #expect(errors(in: Self.rule(document.text)) == document.errors)
  }

  @Test(arguments: [
    BadDocument(
      "alerts:\n- {}",
      #"f:2:3: alerts: a rule needs "name""#,
      #"f:2:3: alerts: a rule needs "metric""#,
      #"f:2:3: alerts: a rule needs "raise""#
    ),
    BadDocument("alerts:", "f:1:8: alerts: needs a list ([] for none), not nothing"),
    BadDocument("alerts: [time-wait]", #"f:1:10: alerts: needs keys and values, not "time-wait""#),
    BadDocument(
      "alerts: [{name: 'a b', metric: time_wait, raise: 1}]",
      "f:1:17: alerts.name: needs up to 64 letters, "
        + "digits, - _ and ., not \"a b\""
    ),
    BadDocument(
      "alerts:\n- {name: a, metric: time_wait, raise: 1}\n- {name: a, metric: established, raise: 1}",
      #"f:3:10: alerts.name: there is a rule "a" already"#
    ),
    BadDocument(
      "alerts: [{name: a, metric: timewait, raise: 1}]",
      "f:1:28: alerts.metric: \"timewait\" is not known: did "
        + "you mean \"time_wait\"?"
    ),
    BadDocument(
      "alerts: [{name: a, metric: bogus_metric, raise: 1}]",
      "f:1:28: alerts.metric: \"bogus_metric\" is not known: "
        + "there is time_wait, close_wait, half_open, fin_wait_2, established, opens_per_second, closes_per_second, "
        + "resets_per_second, refusals_per_second, closed_first_percent, reuse_percent, reuse_races, "
        + "ephemeral_ports_used_percent, exhaustion_seconds, capture_drop_percent, model_drift, table_used_percent"
    ),
    BadDocument(
      "alerts: [{name: a, metric: close_wait, by: unit, side: remote, raise: 1}]",
      "f:1:56: alerts.side: by unit, only ends of this host are counted: side local"
    ),
    BadDocument(
      "alerts: [{name: a, metric: close_wait, by: peer, raise: 1}]",
      "f:1:44: alerts.by: close_wait is not counted "
        + "by peer: there is host, service, destination, unit"
    ),
    BadDocument(
      "alerts: [{name: a, metric: close_wait, older_than: 2s, raise: 1}]",
      "f:1:52: alerts.older_than: 2 s is out of range: 3 s to 1 d"
    ),
    BadDocument(
      "alerts: [{name: a, metric: exhaustion_seconds, raise: 60, clear: 50}]",
      "f:1:66: alerts.clear: 50 is below raise (60): it would clear while it fires"
    ),
    BadDocument(
      "alerts:\n- name: a\n  metric: time_wait\n  levels:\n  - {severity: warning, raise: 9}\n"
        + "  - {severity: critical, raise: 8}\n  - {severity: warning}\n  - {raise: 8}",
      "f:6:5: alerts.levels: critical needs to be further than warning, with raise and with clear",
      #"f:7:5: alerts.levels: a level needs "raise""#,
      #"f:8:5: alerts.levels: a level needs "severity""#
    ),
    BadDocument(
      "alerts: [{name: a, metric: close_wait, raise: 1, where: {peer: 10.0.0.1}}]",
      "f:1:64: alerts.where.peer: close_wait is not chosen by peer: by service, unit"
    ),
    BadDocument(
      "alerts: [{name: a, metric: reuse_percent, raise: 9, baseline: {floor: 5}}]",
      "f:1:63: alerts.baseline: only for counts and rates that are raised above"
    ),
    BadDocument(
      "alerts: [{name: a, metric: capture_drop_percent, side: local, raise: 1}]",
      "f:1:56: alerts.side: "
        + "capture_drop_percent knows no side \"local\": there is any"
    ),
    BadDocument(
      "alerts: [{name: a, metric: capture_drop_percent, raise: 101}]",
      "f:1:57: alerts.raise: \"101\" is out of "
        + "range: more than 0, at most 100 (percent)"
    ),
  ])
  func rules(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }
}
