/// When to try again: twice as long each time, a minute at most, and not all at the same moment.
struct RetryPlan: Sendable {
  private var failures = 0

  private static let first = 1.0
  private static let longest = 60.0
  /// A server that says when to come back is believed up to here.
  private static let longestAsked = 300.0

  /// Seconds to wait after one more failure.
  ///
  /// - Parameters:
  ///   - asked: what the server asked for (Retry-After).
  ///   - chance: from 0 to 1: half of the time is left to it.
  mutating func nextPause(asked: Double? = nil, chance: Double = .random(in: 0...1)) -> Double {
    let full = min(Self.first * Double(1 << min(failures, 10)), Self.longest)
    failures += 1
    return max(full * (0.5 + 0.5 * chance), min(asked ?? 0, Self.longestAsked))
  }

  mutating func succeed() { failures = 0 }
}

/// What an attempt came to.
enum Outcome: Equatable {
  case delivered
  /// The server will not take this, however often.
  case refused(String)
  case failed(String, retryAfter: Double? = nil)

  init(_ answer: Answer) {
    switch answer.status {
    case 200..<300: self = .delivered
    case 408, 425, 429, 500...: self = .failed("HTTP \(answer.status)", retryAfter: answer.retryAfter)
    case 300..<400: self = .refused("HTTP \(answer.status): redirections are not followed")
    default: self = .refused("HTTP \(answer.status)")
    }
  }
}
