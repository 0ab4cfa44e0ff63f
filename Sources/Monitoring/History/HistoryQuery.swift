package import PacketDecoding

/// What is asked of the history.
package struct HistoryQuery: Sendable, Equatable {
  package enum Subject: String, Sendable, CaseIterable {
    case host, services, destinations, causes, alerts, findings
  }

  package var subject = Subject.host
  package var since = HistoryMoment.ago(Seconds(900))
  package var until = HistoryMoment.ago(.zero)
  /// From one sample to the next; nil: as fits the time that is asked for.
  package var step: Seconds?
  /// Only of this one.
  package var service: Endpoint?
  package var destination: Endpoint?
  /// Rows of a list at most.
  package var limit = 100

  package init() {}

  package static let limits = 1...1000
  /// Samples of one answer at most.
  package static let mostSamples: Int64 = 10_000
  /// What an answer holds when nobody said how fine it should be: a day in minutes.
  private static let fitting: Int64 = 1500
  private static let steps: [Int64] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]

  /// Whether a step is one that samples can be added up to.
  package static func step(_ text: String) -> Seconds? {
    guard let step = HistoryMoment.span(text), step <= Seconds(604_800) else { return nil }
    return step == Seconds(1) || (text.last != "s" && step >= Seconds(60)) ? step : nil
  }

  /// From when to when, by the clock of who answers.
  package func range(now: Timestamp) -> HistoryRange {
    HistoryRange(since: since.resolved(now), until: until.resolved(now))
  }

  /// Whether each second is told; only the last minutes are known so well, and only of the host.
  package func wantsSeconds(in range: HistoryRange, now: Timestamp) -> Bool {
    guard subject == .host else { return false }
    if let step { return step == Seconds(1) }
    return now.nanoseconds &- range.since.nanoseconds <= Int64(MinuteWatch.keptSeconds) * 1_000_000_000
  }

  /// In minutes: as asked for, but no finer than an answer can hold; or the finest that is easily read.
  package func step(in range: HistoryRange) -> Seconds {
    let span = range.span.nanoseconds / 1_000_000_000
    guard let step, step >= Seconds(60) else { return Self.step(of: span, atMost: Self.fitting) }
    return max(step, Self.step(of: span, atMost: Self.mostSamples))
  }

  private static func step(of span: Int64, atMost count: Int64) -> Seconds {
    Seconds(steps.first { span / $0 <= count } ?? 604_800)
  }
}

/// A moment that is named, or so long ago.
package enum HistoryMoment: Sendable, Equatable {
  case at(Timestamp)
  case ago(Seconds)

  package func resolved(_ now: Timestamp) -> Timestamp {
    switch self {
    case .at(let time): time
    case .ago(let span): Timestamp(nanoseconds: now.nanoseconds &- span.nanoseconds)
    }
  }

  /// `90s`, `15m`, `6h`, `7d`; RFC 3339; `now`.
  package init?(_ text: String) {
    if text == "now" {
      self = .ago(.zero)
    } else if let span = Self.span(text) {
      self = .ago(span)
    } else if let time = Timestamp(text), Self.years.contains(time) {
      self = .at(time)
    } else {
      return nil
    }
  }

  /// 1970 to 2099.
  private static let years = Timestamp(nanoseconds: 0)..<Timestamp(nanoseconds: 4_102_444_800_000_000_000)

  /// One number and one unit: from 1s on, at most 99999999s, 999999m, 9999h or 999d.
  package static func span(_ text: String) -> Seconds? {
    let digits = text.utf8.dropLast()
    guard let unit = text.last.flatMap(unit), (1...unit.digits).contains(digits.count),
      digits.first != UInt8(ascii: "0"), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int64(text.dropLast())
    else { return nil }
    return Seconds(number * unit.seconds)
  }

  private static func unit(_ letter: Character) -> (seconds: Int64, digits: Int)? {
    switch letter {
    case "s": (1, 8)
    case "m": (60, 6)
    case "h": (3600, 4)
    case "d": (86_400, 3)
    default: nil
    }
  }
}

/// From a moment on, up to another.
package struct HistoryRange: Sendable, Equatable {
  package var since: Timestamp
  package var until: Timestamp
  /// Asked for the wrong way round: there is nothing in it.
  package let isReversed: Bool

  package init(since: Timestamp, until: Timestamp) {
    self.since = since
    self.until = max(since, until)
    isReversed = until < since
  }

  package var span: Seconds {
    let (span, overflow) = until.nanoseconds.subtractingReportingOverflow(since.nanoseconds)
    return Seconds(nanoseconds: overflow ? .max : span)
  }
}
