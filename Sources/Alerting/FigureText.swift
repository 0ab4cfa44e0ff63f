package import PacketDecoding

/// Numbers and spans of time as a sentence says them, without a locale.
package enum FigureText {
  /// Whole when it is or when it is large, otherwise with one decimal: `312`, `4.5`.
  package static func number(_ value: Double) -> String {
    guard value.magnitude < 1e15 else { return value.isFinite ? "\(value)" : "?" }
    let tenths = Int((value * 10).rounded())
    if tenths % 10 == 0 || value.magnitude >= 100 { return String(Int(value.rounded())) }
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// The two largest units that matter: `2 h 5 min`, `1 min 12 s`, `5 s`, `250 ms`.
  package static func span(_ span: Seconds) -> String {
    let milliseconds = max(0, span.nanoseconds / 1_000_000)
    let seconds = milliseconds / 1000
    switch seconds {
    case 0 where milliseconds == 0: return "0 s"
    case 0: return "\(milliseconds) ms"
    case ..<60: return "\(seconds) s"
    case ..<3600: return pair(seconds / 60, "min", seconds % 60, "s")
    case ..<86400: return pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
    default: return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h")
    }
  }

  private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
  }
}
