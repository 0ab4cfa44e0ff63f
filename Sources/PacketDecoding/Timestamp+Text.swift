extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with microseconds, `2026-11-21T01:02:03.123456Z`; what is finer is cut off towards the past. Every
  /// value lies between the years 1677 and 2262.
  @usableFromInline package var description: String {
    let (days, nanosecondOfDay) = nanoseconds.flooredDivision(by: 86_400_000_000_000)
    let date = CivilDate(daysSince1970: days)
    let microseconds = nanosecondOfDay / 1000
    let seconds = microseconds / 1_000_000
    let day = "\(date.year)-\(padded(date.month, to: 2))-\(padded(date.day, to: 2))"
    let time = "\(padded(seconds / 3600, to: 2)):\(padded(seconds / 60 % 60, to: 2)):\(padded(seconds % 60, to: 2))"
    return "\(day)T\(time).\(padded(microseconds % 1_000_000, to: 6))Z"
  }

  private func padded(_ number: Int64, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
  let year: Int64
  let month: Int64
  let day: Int64

  private static let daysIn400Years: Int64 = 146_097
  private static let daysIn100Years: Int64 = 36_524
  private static let daysIn4Years: Int64 = 1_461
  private static let daysFromMarch0000To1970: Int64 = 719_468

  /// Years are counted from the first of March: the leap day is then the last of its year, of its four years and of
  /// its 400 years, and only the last of each of these can be longer than the others.
  init(daysSince1970: Int64) {
    let days = daysSince1970 + Self.daysFromMarch0000To1970
    let (cycle, dayOfCycle) = days.flooredDivision(by: Self.daysIn400Years)
    let century = min(dayOfCycle / Self.daysIn100Years, 3)
    let dayOfCentury = dayOfCycle - century * Self.daysIn100Years
    let quad = dayOfCentury / Self.daysIn4Years
    let dayOfQuad = dayOfCentury - quad * Self.daysIn4Years
    let yearOfQuad = min(dayOfQuad / 365, 3)
    let dayOfYear = dayOfQuad - yearOfQuad * 365
    // From March on, five months take 153 days: 31, 30, 31, 30, 31.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = 400 * cycle + 100 * century + 4 * quad + yearOfQuad + (month <= 2 ? 1 : 0)
  }
}

extension Int64 {
  /// Rounds towards minus infinity, so that the remainder is never negative. The divisor must be positive.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
