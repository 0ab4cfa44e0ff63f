internal import PacketDecoding

/// How far back a history goes.
struct HistorySpan {
  let seconds: Seconds

  private static let longest: Int64 = 86_400

  init(_ parameters: Parameters) throws(Parameters.Fault) {
    let span = try parameters.read("span", "seconds, minutes or hours up to 24h, such as 90s, 15m or 6h", Self.parse)
    seconds = span ?? Seconds(900)
  }

  private static func parse(_ text: String) -> Seconds? {
    let digits = text.utf8.dropLast()
    guard digits.first != UInt8(ascii: "0"), !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int64(text.dropLast()),
      number > 0, number <= longest, let unit = text.last.flatMap(Self.unit), number <= longest / unit
    else { return nil }
    return Seconds(number * unit)
  }

  private static func unit(_ letter: Character) -> Int64? {
    switch letter {
    case "s": 1
    case "m": 60
    case "h": 3600
    default: nil
    }
  }
}
