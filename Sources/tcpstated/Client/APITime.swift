import Foundation

/// Times of the API: RFC 3339 in UTC, with or without a fraction.
enum APITime {
  static func date(_ text: String?) -> Date? {
    guard let text else { return nil }
    return (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
      ?? (try? Date.ISO8601FormatStyle().parse(text))
  }

  /// From one to the other; nil when either is missing.
  static func seconds(from start: String?, to end: String?) -> Double? {
    guard let start = date(start), let end = date(end) else { return nil }
    return max(0, end.timeIntervalSince(start))
  }
}
