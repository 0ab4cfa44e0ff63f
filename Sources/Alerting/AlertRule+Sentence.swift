import PacketDecoding

extension AlertRule {
  /// The rule as one English sentence.
  package var sentence: String {
    let levels = levels.map(sentence(of:)).joined(separator: "; ")
    let interval = minInterval > .zero ? "; at most once in \(FigureText.span(minInterval)) for the same thing" : ""
    return "\(name): \(levels)\(interval)"
  }

  private func sentence(of level: AlertThreshold) -> String {
    let held = level.hold > .zero ? ", held for \(FigureText.span(level.hold))" : ""
    let kept = level.keepFiringFor > .zero ? " for \(FigureText.span(level.keepFiringFor))" : ""
    return "\(level.severity.rawValue) when \(subject) \(reach) \(limit(level.raise))\(held); "
      + "clears when \(direction.beyond) \(limit(level.clear))\(kept)"
  }

  private var reach: String { direction == .above ? "reach" : "fall to" }

  private func limit(_ value: Double) -> String {
    guard let baseline else { return metric.figure(value) }
    return "\(FigureText.number(value)) times the median of the last \(FigureText.span(baseline.over)) "
      + "(and \(metric.figure(baseline.floor)))"
  }

  private var subject: String {
    "\(noun)\(filter.phrase)\(over)"
  }

  /// As a sentence counts it: `312 TIME_WAIT`, `12 CLOSE_WAIT for over 5 min`.
  var countNoun: String {
    olderThan > .zero ? "\(metric.definition.noun) for over \(FigureText.span(olderThan))" : metric.definition.noun
  }

  private var noun: String {
    let noun = "\(countNoun) \(side.place)"
    return switch (metric, by) {
    case (.captureDropPercent, _): "packets lost by capture"
    case (.tableUsedPercent, _): "entries of the connection table"
    case (.exhaustionSeconds, .destination): "seconds until ephemeral ports towards one destination run out"
    case (.exhaustionSeconds, _): "seconds until ephemeral ports run out"
    case (_, .host): noun
    case (_, .service): "\(noun) of one service"
    case (_, .destination): "\(noun) towards one destination"
    case (_, .peer): "\(noun) with one peer"
    case (_, .unit): "\(noun) held by one unit"
    }
  }

  /// Over how long it is counted.
  private var over: String {
    guard metric.defaultWindow != nil else { return "" }
    let count = atLeast > 1 ? ", of at least \(atLeast)" : ""
    return " (over \(FigureText.span(window))\(count))"
  }
}

extension AlertFilter {
  /// ` where service is 10.0.0.1:8081 or :9090 and unit is nginx.service`
  fileprivate var phrase: String {
    let parts: [(String, [String])] = [
      ("service", services.map(\.text)), ("unit", units.map(SafeText.escape)),
      ("peer", peers.map(\.description)),
    ]
    let terms = parts.filter { !$0.1.isEmpty }.map { "\($0.0) is \($0.1.joined(separator: " or "))" }
    return terms.isEmpty ? "" : " where \(terms.joined(separator: " and "))"
  }
}
