import Glibc
import PacketDecoding

/// The wall clock, and how a log writes it.
enum TimeText {
  static func now() -> Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  /// RFC 3339 in UTC, with milliseconds: `2026-11-21T03:18:40.123Z`.
  static func text(_ time: Timestamp) -> String {
    let (days, inDay) = floorDivide(time.nanoseconds / 1_000_000, 86_400_000)
    let (year, month, day) = date(days)
    let clock = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60].map { padded($0, 2) }
    let date = [padded(year, 4), padded(month, 2), padded(day, 2)]
    return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":")).\(padded(inDay % 1000, 3))Z"
  }

  /// Days since 1970 in the Gregorian calendar: years begin in March here, so that the leap day is the last of a year.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, inEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146_096) / 365
    let inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * inYear + 2) / 153
    let isNextYear = month >= 10
    return (
      yearOfEra + era * 400 + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
      inYear - (153 * month + 2) / 5 + 1
    )
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
