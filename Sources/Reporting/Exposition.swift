internal import Alerting
internal import StateAccounting

/// The text format of Prometheus, 0.0.4, or OpenMetrics 1.0, family by family.
struct Exposition {
  let format: MetricsText.Format
  /// Samples as values, in the place of text.
  let keepsSamples: Bool

  init(_ format: MetricsText.Format = .prometheus, keepsSamples: Bool = false) {
    self.format = format
    self.keepsSamples = keepsSamples
  }

  enum Kind: String {
    case gauge, counter, histogram
  }

  typealias Label = (name: MetricLabel, value: String)

  private(set) var text = ""
  private(set) var samples: [MetricSample] = []

  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ body: (inout Family) -> Void) {
    begin(name, kind, help)
    var family = Family()
    body(&family)
    for sample in family.samples {
      put(name, sample.labels, series: sample.series, Double(sample.value)) { "\(sample.value)" }
    }
  }

  private mutating func put(
    _ name: String,
    _ labels: [Label],
    series: String? = nil,
    _ value: Double,
    _ shown: () -> String
  ) {
    if keepsSamples {
      samples.append(MetricSample(name, labels.map { ($0.name.rawValue, SafeText.escape($0.value)) }, value))
    } else {
      text += "\(name)\(series ?? Family.series(labels)) \(shown())\n"
    }
  }

  private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    // In OpenMetrics _total belongs to the sample, not to the family.
    let suffix = "_total"
    let isShort = format == .openMetrics && kind == .counter && name.hasSuffix(suffix)
    let family = isShort ? String(name.dropLast(suffix.count)) : name
    if keepsSamples { return }
    text += "# HELP \(family) \(help)\n# TYPE \(family) \(kind.rawValue)\n"
  }

  /// Nothing comes after it.
  mutating func end() {
    if format == .openMetrics { text += "# EOF\n" }
  }

  mutating func sample(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    family(name, kind, help) { $0.add(value) }
  }

  /// - Parameter unit: what a histogram's numbers count, in the unit of the family.
  mutating func histograms(_ name: String, _ help: String, unit: Double, _ body: (inout HistogramFamily) -> Void) {
    begin(name, .histogram, help)
    var family = HistogramFamily()
    body(&family)
    for (labels, histogram) in family.series { write(name, labels, histogram, unit) }
  }

  private mutating func write(_ name: String, _ labels: [Label], _ histogram: BoundedHistogram, _ unit: Double) {
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bound = index < histogram.bounds.count ? Self.number(Double(histogram.bounds[index]) * unit) : "+Inf"
      put("\(name)_bucket", labels + [(.le, bound)], Double(total)) { "\(total)" }
    }
    let sum = Double(histogram.sum) * unit
    put("\(name)_sum", labels, sum) { Self.number(sum) }
    put("\(name)_count", labels, Double(total)) { "\(total)" }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && value < 1e15 ? String(Int64(value)) : value.description
  }

  /// The same for histograms.
  struct HistogramFamily {
    private(set) var series: [(labels: [Label], histogram: BoundedHistogram)] = []
    private var positions: [String: Int] = [:]

    mutating func add(_ histogram: BoundedHistogram, _ labels: [Label]) {
      let name = Family.series(labels)
      if let position = positions[name] {
        series[position].histogram.add(histogram)
      } else {
        positions[name] = series.count
        series.append((labels, histogram))
      }
    }
  }

  /// Samples in the order of their first word; a series that is spoken of twice is their sum, as no scraper takes two.
  struct Family {
    private(set) var samples: [(series: String, labels: [Label], value: Int)] = []
    private var positions: [String: Int] = [:]

    mutating func add(_ value: Int, _ labels: Label...) { add(value, labels) }

    mutating func add(_ value: Int, _ labels: [Label]) {
      let series = Self.series(labels)
      if let position = positions[series] {
        samples[position].value += value
      } else {
        positions[series] = samples.count
        samples.append((series, labels, value))
      }
    }

    static func series(_ labels: [Label]) -> String {
      let pairs = labels.map { "\($0.name.rawValue)=\"\(escape($0.value))\"" }.joined(separator: ",")
      return pairs.isEmpty ? "" : "{\(pairs)}"
    }

    private static func escape(_ value: String) -> String {
      SafeText.escape(value).unicodeScalars.reduce(into: "") { text, scalar in
        switch scalar {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
  }
}
