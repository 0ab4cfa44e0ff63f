internal import Reporting

extension MetricsText.Format {
  /// What a scraper likes best of the two (RFC 9110, 12.5.1); who does not say gets the older one.
  init(accept: String) {
    let ranges = accept.split(separator: ",").map { Self.range($0) }
    func quality(_ type: String, _ version: String) -> Double {
      ranges.filter { $0.type == type && ($0.version ?? version) == version }.map(\.quality).max() ?? 0
    }
    let isBetter = quality("application/openmetrics-text", "1.0.0") > quality("text/plain", "0.0.4")
    self = isBetter ? .openMetrics : .prometheus
  }

  /// `type/subtype;version=1.0.0;q=0.5`
  private static func range(_ text: Substring) -> (type: String, version: String?, quality: Double) {
    let parts = text.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
    func value(_ name: String) -> String? {
      parts.dropFirst().first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    return (parts.first ?? "", value("version"), value("q").flatMap { Double($0) } ?? 1)
  }
}
