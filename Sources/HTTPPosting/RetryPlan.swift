/// When to try again: twice as long each time, a minute at most, half of it left to chance: a fleet does not
/// come back at once.
package struct RetryPlan: Sendable {
  private var failures = 0

  private static let first = 1.0
  private static let longest = 60.0
  /// A server that says when to come back is believed up to here.
  private static let longestAsked = 300.0

  package init() {}

  /// Seconds to wait after one more failure.
  ///
  /// - Parameters:
  ///   - asked: what the server asked for (Retry-After).
  ///   - chance: from 0 to 1: half of the time is left to it.
  package mutating func nextPause(asked: Double? = nil, chance: Double = .random(in: 0...1)) -> Double {
    let full = min(Self.first * Double(1 << min(failures, 10)), Self.longest)
    failures += 1
    return max(full * (0.5 + 0.5 * chance), min(asked ?? 0, Self.longestAsked))
  }

  package mutating func succeed() { failures = 0 }
}

/// What an attempt came to.
package enum PostOutcome: Equatable {
  case taken
  /// The server will not take this, however often.
  case refused(String)
  case failed(String, retryAfter: Double? = nil)

  /// - Parameter temporary: what is worth another attempt, beside the server's own errors (5xx).
  package init(_ answer: PostAnswer, temporary: Set<Int>) {
    switch answer.status {
    case 200..<300: self = .taken
    case let status where status >= 500 || temporary.contains(status):
      self = .failed("HTTP \(status)", retryAfter: answer.retryAfter)
    case 300..<400: self = .refused("HTTP \(answer.status): redirections are not followed")
    default: self = .refused("HTTP \(answer.status)")
    }
  }
}
