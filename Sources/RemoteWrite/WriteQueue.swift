/// Requests in the order of their making; beyond the limit the oldest goes.
struct WriteQueue {
  private var bodies: [(number: Int, body: [UInt8])] = []
  private var made = 0
  private(set) var dropped = 0
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  var count: Int { bodies.count }
  var first: (number: Int, body: [UInt8])? { bodies.first }

  mutating func add(_ body: [UInt8]) {
    if bodies.count >= limit {
      bodies.removeFirst()
      dropped += 1
    }
    bodies.append((made, body))
    made += 1
  }

  /// It was sent, or never will be. It may have made way meanwhile.
  mutating func settle(_ number: Int, isDropped: Bool) {
    guard bodies.first?.number == number else { return }
    bodies.removeFirst()
    if isDropped { dropped += 1 }
  }
}

/// What an attempt came to.
enum WriteOutcome: Equatable {
  case taken
  /// The server will not take this, however often.
  case refused(String)
  case failed(String, retryAfter: Double? = nil)

  init(_ answer: PostAnswer) {
    switch answer.status {
    case 200..<300: self = .taken
    case 429, 500...: self = .failed("HTTP \(answer.status)", retryAfter: answer.retryAfter)
    case 300..<400: self = .refused("HTTP \(answer.status): redirections are not followed")
    default: self = .refused("HTTP \(answer.status)")
    }
  }

  /// Seconds until the next attempt: twice as long each time, half of it left to chance, so that a fleet does not come
  /// back at once.
  ///
  /// - Parameter asked: what the server asked for, believed up to five minutes.
  static func pause(after failures: Int, asked: Double?, chance: Double) -> Double {
    let full = min(Double(1 << min(failures, 10)), 60)
    return max(full * (0.5 + 0.5 * chance), min(asked ?? 0, 300))
  }
}
