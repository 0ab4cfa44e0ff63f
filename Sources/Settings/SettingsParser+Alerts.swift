import Alerting
import PacketDecoding
import Yams

/// Rules in the order of the file.
typealias AlertList = [AlertRule]

extension SettingsParser {
  private static let levelKeys = ["raise", "clear", "for", "keep_firing_for", "severity"]
  private static let ruleKeys =
    ["name", "metric", "side", "by", "where", "when"] + levelKeys
    + ["levels", "min_interval", "older_than", "over", "at_least", "baseline"]
  private static let spans = Seconds.zero...Seconds(86400)
  private static let windows = Seconds(1)...Seconds(3600)
  /// Younger handshakes are not looked at.
  private static let ages = Seconds(3)...Seconds(86400)

  mutating func alerts(_ node: Node, _ path: String, besides taken: [String]) -> AlertList? {
    var names = Set(taken)
    return list(node, path) { parser, node, path in
      guard let section = parser.section(node, path: path, keys: Self.ruleKeys) else { return nil }
      return parser.rule(section, names: &names)
    }
  }

  private mutating func rule(_ section: Section, names: inout Set<String>) -> AlertRule? {
    let name = required(section, "name") { $0.name($1, $2, taken: &names) }
    let metric: AlertMetric? = required(section, "metric") { $0.choice($1, $2) }
    var rule = AlertRule(name: name ?? "", metric: metric ?? .timeWait, raise: AlertRule.timeWait.raise)
    assign(&rule.side, section, "side") { $0.choice($1, $2) }
    assign(&rule.by, section, "by") { $0.choice($1, $2) }
    assign(&rule.direction, section, "when") { $0.choice($1, $2) }
    assign(&rule.filter, section, "where") { $0.filter($1, $2, of: metric) }
    assign(&rule.minInterval, section, "min_interval") { $0.duration($1, $2, in: Self.spans) }
    assign(&rule.baseline, section, "baseline") { $0.baseline($1, $2) }
    if let metric {
      window(&rule, section, of: metric)
      checkFigures(rule, section)
    }
    levels(&rule, section, of: metric)
    return rule
  }

  /// What is counted over time has a window; what is read at a moment has none.
  private mutating func window(_ rule: inout AlertRule, _ section: Section, of metric: AlertMetric) {
    if let node = section["over"], metric.defaultWindow == nil {
      report(node, "\(section.path(of: "over")): \(metric.rawValue) is read at a moment, not counted over a time")
    } else {
      assign(&rule.window, section, "over") { $0.duration($1, $2, in: Self.windows) }
    }
    if let node = section["older_than"], !metric.hasAge {
      report(node, "\(section.path(of: "older_than")): only for close_wait, fin_wait_2 and half_open")
    } else {
      assign(&rule.olderThan, section, "older_than") { $0.duration($1, $2, in: Self.ages) }
    }
    if let node = section["at_least"], metric.defaultAtLeast == nil {
      report(node, "\(section.path(of: "at_least")): \(metric.rawValue) is no share of anything")
    } else {
      assign(&rule.atLeast, section, "at_least") { $0.integer($1, $2, in: 1...1_000_000) }
    }
  }

  private mutating func baseline(_ node: Node, _ path: String) -> AlertBaseline? {
    guard let section = section(node, path: path, keys: ["over", "floor"]) else { return nil }
    var baseline = AlertBaseline(over: Seconds(3600), floor: 0)
    assign(&baseline.over, section, "over") { $0.duration($1, $2, in: Seconds(600)...Seconds(86400)) }
    guard let floor = required(section, "floor", of: "a baseline", { $0.number($1, $2) }) else { return nil }
    if floor <= 0, let node = section["floor"] { report(node, "\(path).floor: needs to be more than 0") }
    baseline.floor = floor
    return baseline
  }

  /// Not every metric is counted on every side and by everything.
  private mutating func checkFigures(_ rule: AlertRule, _ section: Section) {
    let metric = rule.metric
    if let node = section["side"], !metric.sides.contains(rule.side) {
      let sides = metric.sides.map(\.rawValue).joined(separator: ", ")
      report(
        node,
        "\(section.path(of: "side")): \(metric.rawValue) knows no side \"\(rule.side.rawValue)\": there is \(sides)"
      )
    }
    if let node = section["by"], !metric.groupings.contains(rule.by) {
      let groupings = metric.groupings.map(\.rawValue).joined(separator: ", ")
      report(
        node,
        "\(section.path(of: "by")): \(metric.rawValue) is not counted by \(rule.by.rawValue): there is \(groupings)"
      )
    }
    if rule.by == .unit, metric.groupings.contains(.unit), rule.side != .local, let node = section["side"] {
      report(node, "\(section.path(of: "side")): by unit, only ends of this host are counted: side local")
    }
    if rule.by == .unit, !rule.filter.services.isEmpty || !rule.filter.peers.isEmpty, let node = section["where"] {
      report(node, "\(section.path(of: "where")): by unit, connections can be chosen by unit alone")
    }
    if rule.baseline != nil, rule.direction == .below || metric.isPercent, let node = section["baseline"] {
      report(node, "\(section.path(of: "baseline")): only for counts and rates that are raised above")
    }
  }

  mutating func required<Value>(
    _ section: Section,
    _ key: String,
    of thing: String = "a rule",
    _ read: (inout SettingsParser, Node, String) -> Value?
  ) -> Value? {
    if let node = section[key] { return read(&self, node, section.path(of: key)) }
    report(section.node, "\(section.path): \(thing) needs \"\(key)\"")
    return nil
  }

  private mutating func name(_ node: Node, _ path: String, taken: inout Set<String>) -> String? {
    guard let name = text(node, path) else { return nil }
    let isWord = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    guard isWord, name.utf8.count <= 64 else {
      report(node, "\(path): needs up to 64 letters, digits, - _ and ., not \(node.kind)")
      return nil
    }
    guard taken.insert(name).inserted else {
      report(node, "\(path): there is a rule \"\(name)\" already")
      return nil
    }
    return name
  }
}

// MARK: Thresholds

extension SettingsParser {
  /// One level from the keys of the rule, or several from `levels`, for which those keys are the defaults.
  private mutating func levels(_ rule: inout AlertRule, _ section: Section, of metric: AlertMetric?) {
    guard let node = section["levels"] else {
      if let level = level(section, defaults: rule.levels[0], rule, of: metric) { rule.setLevels([level]) }
      return
    }
    for key in ["raise", "clear", "severity"] {
      if let node = section[key] { report(node, "\(section.path(of: key)): belongs to each of the levels") }
    }
    var defaults = rule.levels[0]
    assign(&defaults.hold, section, "for") { $0.duration($1, $2, in: Self.spans) }
    assign(&defaults.keepFiringFor, section, "keep_firing_for") { $0.duration($1, $2, in: Self.spans) }
    let path = section.path(of: "levels")
    var seen: Set<Severity> = []
    let found = list(node, path) { parser, node, path -> (AlertThreshold, Node)? in
      guard let section = parser.section(node, path: path, keys: Self.levelKeys) else { return nil }
      let named = parser.required(section, "severity", of: "a level") { _, node, _ in node }
      guard let level = parser.level(section, defaults: defaults, rule, of: metric), named != nil else { return nil }
      if !seen.insert(level.severity).inserted {
        parser.report(node, "\(path): there is a level \"\(level.severity.rawValue)\" already")
      }
      return (level, node)
    }
    guard let found else { return }
    if node.sequence?.isEmpty == true { report(node, "\(path): needs at least one level") }
    checkOrder(found, path, rule.direction)
    rule.setLevels(found.map(\.0))
  }

  /// The worse the level, the further its thresholds.
  private mutating func checkOrder(_ levels: [(AlertThreshold, Node)], _ path: String, _ direction: AlertRule.Direction)
  {
    let sorted = levels.sorted { $0.0.severity < $1.0.severity }
    for (mild, bad) in zip(sorted, sorted.dropFirst()) {
      let isFurther = direction == .above ? bad.0.raise > mild.0.raise : bad.0.raise < mild.0.raise
      let clearsFirst = direction == .above ? bad.0.clear >= mild.0.clear : bad.0.clear <= mild.0.clear
      if !isFurther || !clearsFirst {
        let names = "\(bad.0.severity.rawValue) needs to be further than \(mild.0.severity.rawValue)"
        report(bad.1, "\(path): \(names), with raise and with clear")
      }
    }
  }

  private mutating func level(
    _ section: Section,
    defaults: AlertThreshold,
    _ rule: AlertRule,
    of metric: AlertMetric?
  ) -> AlertThreshold? {
    // Of a baseline, thresholds are multiples and have no unit.
    let limited = rule.baseline == nil ? metric : nil
    let raise = required(section, "raise", of: section.path.hasSuffix("levels") ? "a level" : "a rule") {
      $0.threshold($1, $2, of: limited)
    }
    var clear: Double?
    assign(&clear, section, "clear") { $0.threshold($1, $2, of: limited) }
    checkClear(clear, raise, section, rule.direction)
    var level = defaults
    if let raise {
      level.raise = raise
      level.clear = clear ?? rule.direction.clear(of: raise)
    }
    assign(&level.hold, section, "for") { $0.duration($1, $2, in: Self.spans) }
    assign(&level.keepFiringFor, section, "keep_firing_for") { $0.duration($1, $2, in: Self.spans) }
    assign(&level.severity, section, "severity") { $0.choice($1, $2) }
    return raise == nil ? nil : level
  }

  private mutating func checkClear(
    _ clear: Double?,
    _ raise: Double?,
    _ section: Section,
    _ direction: AlertRule.Direction
  ) {
    guard let clear, let raise, let node = section["clear"] else { return }
    guard direction == .above ? clear > raise : clear < raise else { return }
    let place = direction == .above ? "above" : "below"
    report(
      node,
      "\(section.path(of: "clear")): \(FigureText.number(clear)) is \(place) raise (\(FigureText.number(raise))): "
        + "it would clear while it fires"
    )
  }

  private mutating func threshold(_ node: Node, _ path: String, of metric: AlertMetric?) -> Double? {
    guard let number = number(node, path) else { return nil }
    let limit = metric?.isPercent ?? false ? 100 : 1e12
    if number > 0 && number <= limit { return number }
    report(
      node,
      "\(path): \(node.kind) is out of range: more than 0, at most \(FigureText.number(limit))\(limit == 100 ? " (percent)" : "")"
    )
    return nil
  }
}

// MARK: Which connections

extension SettingsParser {
  private mutating func filter(_ node: Node, _ path: String, of metric: AlertMetric?) -> AlertFilter? {
    guard let section = section(node, path: path, keys: AlertFilter.Key.allCases.map(\.rawValue)) else { return nil }
    var filter = AlertFilter()
    assign(&filter.services, section, "service") { $0.oneOrMore($1, $2) { $0.service($1, $2) } }
    assign(&filter.units, section, "unit") { $0.oneOrMore($1, $2) { $0.text($1, $2) } }
    assign(&filter.peers, section, "peer") { $0.oneOrMore($1, $2) { $0.block($1, $2) } }
    guard let metric else { return filter }
    for key in AlertFilter.Key.allCases where !metric.filters.contains(key) {
      guard let node = section[key.rawValue] else { continue }
      let keys = metric.filters.map(\.rawValue).joined(separator: ", ")
      let known = keys.isEmpty ? "by nothing" : "by \(keys)"
      report(
        node,
        "\(section.path(of: key.rawValue)): \(metric.rawValue) is not chosen by \(key.rawValue): \(known)"
      )
    }
    return filter
  }

  /// A single value, or a list of them.
  private mutating func oneOrMore<Element>(
    _ node: Node,
    _ path: String,
    _ read: (inout SettingsParser, Node, String) -> Element?
  ) -> [Element]? {
    if node.sequence != nil { return list(node, path, read) }
    return read(&self, node, path).map { [$0] }
  }

  private mutating func service(_ node: Node, _ path: String) -> ServicePattern? {
    if let pattern = node.scalar.flatMap({ ServicePattern($0.string) }) { return pattern }
    report(node, "\(path): needs a server such as 10.0.0.1:8081, 10.0.0.0/8 or \":8081\", not \(node.kind)")
    return nil
  }

  private mutating func block(_ node: Node, _ path: String) -> CIDR? {
    if let network = node.scalar.flatMap({ Network($0.string) }) {
      return CIDR(address: network.address, prefixLength: network.prefixLength)
    }
    report(
      node,
      "\(path): needs a network such as 10.0.0.0/8 or fd00::/8 (no bits set after the prefix), not \(node.kind)"
    )
    return nil
  }
}
