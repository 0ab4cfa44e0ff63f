import Alerting
import PacketDecoding

/// Numbers as a report shows them, the same in every locale.
enum Figure {
  /// `1,234,567`
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    return (number < 0 ? "-" : "") + grouped
  }

  /// `1 packet`, `2 packets`
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  /// `81.2 %`, in steps of a thousandth; what is not nothing never shows as 0, and what is not all never as 100.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "-" }
    var thousandths = Int((Double(part) * 1000 / Double(whole)).rounded())
    if part > 0 { thousandths = max(thousandths, 1) }
    if part < whole { thousandths = min(thousandths, 999) }
    return thousandths % 10 == 0 ? "\(thousandths / 10) %" : "\(thousandths / 10).\(thousandths % 10) %"
  }

  /// `3 d 4 h`, `12 s`
  static func span(seconds: Double) -> String {
    guard seconds.isFinite, seconds.magnitude < 1e9 else { return "?" }
    return FigureText.span(Seconds(nanoseconds: Int64(seconds * 1e9)))
  }
}
