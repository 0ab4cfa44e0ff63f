import CloseDiagnosis

/// One finding as the API tells it.
struct FindingLine: Decodable, Equatable {
  var id: String
  var severity: String
  var summary: String
  var advice: String
}

extension Page {
  /// `no_pool 812 (81.2 %), server_idle 150 (15.0 %)`: shares of those that were decided, most first.
  static func causes(_ counts: [String: Int], undecided: Int = 0, limit: Int = 6) -> String? {
    let total = counts.values.reduce(undecided, +)
    guard total > 0 else { return nil }
    let sorted = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let parts = sorted.prefix(limit).map {
      "\($0.key) \(Figure.count($0.value)) (\(Figure.share($0.value, of: total)))"
    }
    let rest = sorted.dropFirst(limit).reduce(0) { $0 + $1.value }
    return
      (parts + [("others", rest), ("not known yet", undecided)].filter { $0.1 > 0 }.map { "\($0) \(Figure.count($1))" })
      .joined(separator: ", ")
  }

  /// The most frequent cause and its share: `no_pool 81.2 %`.
  static func mostlyBecause(_ counts: [String: Int], undecided: Int = 0) -> String {
    let total = counts.values.reduce(undecided, +)
    guard total > 0, let first = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return "-" }
    return "\(first.key) \(Figure.share(first.value, of: total))"
  }

  /// What was found, with what to do about it.
  mutating func addFindings(_ findings: [FindingLine]) {
    for finding in findings {
      let style: Palette.Style =
        switch finding.severity {
        case "critical": .red
        case "warning": .yellow
        default: .plain
        }
      add([(finding.severity, style), ("  ", .plain), (finding.id, .bold)])
      addWrapped(finding.summary)
      addWrapped(finding.advice)
    }
  }

  mutating func add(_ explanation: Explanation) {
    add([(explanation.id, .bold), (" (\(explanation.kind.rawValue))", .plain)])
    addWrapped(explanation.sentence)
    add([Entry("  How it shows", [explanation.sign]), Entry("  What to do", [explanation.advice])])
  }

  /// Indented, broken between words.
  private mutating func addWrapped(_ text: String) {
    let room = max(min(width ?? 100, 100) - 2, 20)
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > room {
        add("  \(line)")
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { add("  \(line)") }
  }
}

/// Ports that local clients hold towards one destination, as the API tells it.
struct DestinationLine: Decodable, Equatable {
  var address: String
  var destination: String
  var portsUsed: Int
  var timeWait: Int
  var portsLimit: Double?
  var share: Double?
  var closesPerSecond: Double?
  var secondsToExhaustion: Double?
  var ceilingPerSecond: Double?
  var refused: Int
  var unanswered: Int
}

struct DestinationsDocument: Decodable {
  var destinations: [DestinationLine]
}

struct FindingsDocument: Decodable {
  var findings: [FindingLine]
}

extension Page {
  static func destinationsTable(_ destinations: some Sequence<DestinationLine>) -> TextTable {
    var table = TextTable([
      .left("FROM"), .left("DESTINATION"), .right("PORTS"), .right("LIMIT"), .right("SHARE"), .right("TIME_WAIT"),
      .right("CLOSED/S"), .right("RUN OUT IN"), .right("REFUSED"), .right("UNANSWERED"),
    ])
    for line in destinations {
      let limit = line.portsLimit.map { Int($0) }
      table.add([
        .init(line.address), .init(line.destination), .init(line.portsUsed), .init(limit),
        .init(limit.map { Figure.share(line.portsUsed, of: $0) } ?? "-"), .init(line.timeWait),
        .init(line.closesPerSecond.map { Figure.count(Int($0.rounded())) } ?? "-"),
        .init(line.secondsToExhaustion.map { Figure.span(seconds: $0) } ?? "-"), .init(line.refused),
        .init(line.unanswered),
      ])
    }
    return table
  }
}

extension ServiceLine {
  /// Why its connections close, mostly.
  var mainReason: String { Page.mostlyBecause(closeCause ?? [:], undecided: closeCauseUndecided ?? 0) }
}
