package import PacketDecoding

/// Amounts with a unit, in whole numbers: `16MiB`, `1h30m`.
enum UnitParsing {
  static let sizeExample = "a size such as 512KiB, 16MiB or 1GiB"
  static let durationExample = "a duration such as 250ms, 5s, 2m or 1h30m"

  /// Bytes; nil when it is none or does not fit. Only binary units: nobody can say whether MB means 10^6 or 2^20.
  static func size(_ text: String) -> Int? {
    var rest = text.utf8[...]
    guard let amount = digits(&rest) else { return nil }
    let factors = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40]
    guard let factor = factors[String(Substring(rest))] else { return nil }
    let (bytes, overflow) = amount.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }

  /// Units from large to small, each at most once; a bare 0 is 0.
  static func duration(_ text: String) -> Seconds? {
    if text == "0" { return .zero }
    var rest = text.utf8[...]
    var total: Int64 = 0
    var last = Int64.max
    while !rest.isEmpty {
      guard let amount = digits(&rest), let unit = unit(&rest), unit < last else { return nil }
      let (span, tooLarge) = Int64(amount).multipliedReportingOverflow(by: unit)
      let (sum, overflow) = total.addingReportingOverflow(span)
      if tooLarge || overflow { return nil }
      (total, last) = (sum, unit)
    }
    return text.isEmpty ? nil : Seconds(nanoseconds: total)
  }

  private static func unit(_ rest: inout Substring.UTF8View) -> Int64? {
    let letters = rest.prefix { !(0x30...0x39).contains($0) }
    rest = rest[letters.endIndex...]
    return switch String(Substring(letters)) {
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m", "min": 60_000_000_000
    case "h": 3_600_000_000_000
    case "d": 86_400_000_000_000
    default: nil
    }
  }

  private static func digits(_ rest: inout Substring.UTF8View) -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest[digits.endIndex...]
    return Int(Substring(digits))
  }
}

extension Settings {
  /// A duration as the configuration has it, for a command line.
  package static func duration(_ text: String) -> Seconds? { UnitParsing.duration(text) }
}
