import Alerting
import PacketDecoding
import Yams

/// Rules in the order of the file.
typealias AlertList = [AlertRule]

extension SettingsParser {
  private static let ruleKeys = [
    "name", "metric", "side", "by", "raise", "clear", "for", "keep_firing_for", "severity",
  ]
  private static let spans = Seconds.zero...Seconds(86400)

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
    let raise = required(section, "raise") { $0.threshold($1, $2, of: metric) }
    var clear: Double?
    assign(&clear, section, "clear") { $0.threshold($1, $2, of: metric) }
    if let clear, let raise, clear > raise, let node = section["clear"] {
      report(
        node,
        "\(section.path(of: "clear")): \(FigureText.number(clear)) is above raise (\(FigureText.number(raise))): "
          + "it would clear while it fires"
      )
    }
    var rule = AlertRule(
      name: name ?? "",
      metric: metric ?? .timeWait,
      raise: raise ?? AlertRule.timeWait.raise,
      clear: clear
    )
    assign(&rule.side, section, "side") { $0.choice($1, $2) }
    assign(&rule.by, section, "by") { $0.choice($1, $2) }
    assign(&rule.hold, section, "for") { $0.duration($1, $2, in: Self.spans) }
    assign(&rule.keepFiringFor, section, "keep_firing_for") { $0.duration($1, $2, in: Self.spans) }
    assign(&rule.severity, section, "severity") { $0.choice($1, $2) }
    if metric != nil { checkFigures(rule, section) }
    return rule
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
  }

  private mutating func required<Value>(
    _ section: Section,
    _ key: String,
    _ read: (inout SettingsParser, Node, String) -> Value?
  ) -> Value? {
    if let node = section[key] { return read(&self, node, section.path(of: key)) }
    report(section.node, "\(section.path): a rule needs \"\(key)\"")
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
