import ArgumentParser
import Foundation
import Monitoring
import PacketDecoding

/// A time on the command line.
struct PastTime: ExpressibleByArgument {
  let moment: HistoryMoment
  /// As the API understands it: what is counted from now is counted by the daemon's clock.
  let text: String

  private init(_ moment: HistoryMoment, _ text: String) {
    self.moment = moment
    self.text = text
  }

  /// One that is known to be good.
  static func ago(_ text: String) -> PastTime { PastTime(HistoryMoment(text) ?? .ago(.zero), text) }

  init?(argument: String) { self.init(argument, now: Date(), in: .current) }

  init?(_ argument: String, now: Date, in zone: TimeZone) {
    if let moment = HistoryMoment(argument) {
      self.init(moment, argument)
    } else if let date = Self.local(argument, now: now, in: zone) {
      let time = Self.timestamp(date)
      self.init(.at(time), time.description)
    } else {
      return nil
    }
  }

  static func timestamp(_ date: Date) -> Timestamp {
    Timestamp(nanoseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()) &* 1000)
  }

  /// Words and times of this machine's clock.
  private static func local(_ text: String, now: Date, in zone: TimeZone) -> Date? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let today = calendar.startOfDay(for: now)
    switch text {
    case "today": return today
    case "yesterday": return calendar.date(byAdding: .day, value: -1, to: today)
    default: break
    }
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" }).map(String.init)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    if parts.count == 1, let time = clock(first) { return calendar.date(byAdding: time, to: today) }
    guard let day = day(first, calendar) else { return nil }
    guard parts.count == 2 else { return day }
    return clock(parts[1]).flatMap { calendar.date(byAdding: $0, to: day) }
  }

  private static func day(_ text: String, _ calendar: Calendar) -> Date? {
    guard let numbers = numbers(text, "-", digits: [4, 2, 2]), (1970...2099).contains(numbers[0]) else { return nil }
    let parts = DateComponents(year: numbers[0], month: numbers[1], day: numbers[2])
    guard let date = calendar.date(from: parts) else { return nil }
    // A 31st of February would be a day in March.
    let found = calendar.dateComponents([.year, .month, .day], from: date)
    return found == parts ? date : nil
  }

  private static func clock(_ text: String) -> DateComponents? {
    guard let numbers = numbers(text, ":", digits: [2, 2, 2]) ?? numbers(text, ":", digits: [2, 2]), numbers[0] < 24,
      numbers[1] < 60, numbers.count < 3 || numbers[2] < 60
    else { return nil }
    return DateComponents(hour: numbers[0], minute: numbers[1], second: numbers.count < 3 ? 0 : numbers[2])
  }

  private static func numbers(_ text: String, _ separator: Character, digits: [Int]) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == digits.count else { return nil }
    let numbers = zip(parts, digits).compactMap { part, count in
      part.utf8.count == count && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    return numbers.count == digits.count ? numbers : nil
  }
}
