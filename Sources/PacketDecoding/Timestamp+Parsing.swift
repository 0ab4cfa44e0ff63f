extension Timestamp {
  /// Reads RFC 3339, such as `2026-11-21T01:02:03.5Z` or `2026-11-21T02:02:03+01:00`; what is finer than a nanosecond is
  /// cut off.
  package init?(_ text: some StringProtocol) {
    var scanner = TextScanner(text)
    guard let year = scanner.takeDigits(4), scanner.take("-"), let month = scanner.takeDigits(2, in: 1...12),
      scanner.take("-"), let day = scanner.takeDigits(2, in: 1...Self.days(in: month, of: year)),
      scanner.take("T"), let hour = scanner.takeDigits(2, in: 0...23),
      scanner.take(":"), let minute = scanner.takeDigits(2, in: 0...59), scanner.take(":"),
      let second = scanner.takeDigits(2, in: 0...59), let fraction = scanner.takeFraction(),
      let offset = scanner.takeOffset(), scanner.isAtEnd
    else { return nil }
    let days = Self.daysSince1970(year, month, day)
    let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (nanoseconds, overflow) = whole.addingReportingOverflow(fraction)
    guard !isTooFar, !overflow else { return nil }
    self.init(nanoseconds: nanoseconds)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Years from the first of March on, so that the leap day is the last of its year.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let leapDays = year / 4 - year / 100 + year / 400
    return year * 365 + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
  }
}

extension TextScanner {
  fileprivate mutating func takeDigits(_ count: Int, in range: ClosedRange<Int64> = 0...9999) -> Int64? {
    var number: Int64 = 0
    for _ in 0..<count {
      guard let digit = takeDigit() else { return nil }
      number = number * 10 + digit
    }
    return range.contains(number) ? number : nil
  }

  /// Nanoseconds; 0 where there is no fraction.
  fileprivate mutating func takeFraction() -> Int64? {
    guard take(".") else { return 0 }
    guard var number = takeDigit() else { return nil }
    var count = 1
    while let digit = takeDigit() {
      if count < 9 { (number, count) = (number * 10 + digit, count + 1) }
    }
    for _ in count..<9 { number *= 10 }
    return number
  }

  /// Minutes east of Greenwich.
  fileprivate mutating func takeOffset() -> Int64? {
    if take("Z") { return 0 }
    let sign: Int64 = take("+") ? 1 : take("-") ? -1 : 0
    guard sign != 0, let hours = takeDigits(2, in: 0...23), take(":"), let minutes = takeDigits(2, in: 0...59) else {
      return nil
    }
    return sign * (hours * 60 + minutes)
  }
}
