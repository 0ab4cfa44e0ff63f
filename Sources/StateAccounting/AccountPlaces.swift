/// Which numbers of accounts are free, and behind which of them somebody answered. Who was never answered has only a
/// share of them, so that a scan does not take the places of those that are used.
struct AccountPlaces: Sendable {
  private let limit: Int
  private var givenBack: [UInt32] = []
  private var handedOut: UInt32 = 0
  private var unproven = 0
  /// A bit for each number of those that nobody answered for: it is asked at each handshake, when an account itself is
  /// cold.
  private var unprovenNumbers: [UInt64] = [0]

  /// - Parameter limit: with number 0, which all share that have none of their own.
  init(limit: Int) {
    self.limit = max(limit - 1, 0)
  }

  private var used: Int { Int(handedOut) - givenBack.count }

  /// Few are left.
  var areScarce: Bool { used * 4 > limit * 3 }

  /// Whether there is a number left.
  @inline(__always)
  func hasRoom(isProven: Bool) -> Bool { (isProven || unproven &* 2 < limit) && used < limit }

  mutating func take(isProven: Bool) -> UInt32? {
    guard hasRoom(isProven: isProven) else { return nil }
    let number = givenBack.popLast() ?? next()
    if !isProven {
      unproven += 1
      unprovenNumbers[Int(number >> 6)] |= Self.bit(number)
    }
    return number
  }

  private mutating func next() -> UInt32 {
    handedOut += 1
    if Int(handedOut >> 6) == unprovenNumbers.count { unprovenNumbers.append(0) }
    return handedOut
  }

  /// Somebody answered, or nobody has the number. (Most of the time, all have been answered.)
  @inline(__always)
  func isProven(_ number: UInt32) -> Bool {
    unproven == 0 || unprovenNumbers[Int(number >> 6)] & Self.bit(number) == 0
  }

  /// Somebody answers for the first time.
  mutating func prove(_ number: UInt32) {
    guard !isProven(number) else { return }
    unproven -= 1
    unprovenNumbers[Int(number >> 6)] &= ~Self.bit(number)
  }

  mutating func giveBack(_ number: UInt32) {
    prove(number)
    givenBack.append(number)
  }

  @inline(__always)
  private static func bit(_ number: UInt32) -> UInt64 { 1 &<< UInt64(number) }
}

/// Since when an account has had nothing, in seconds that were counted. What still refers to an account whose connections
/// have ended does not take so long: these stay in the table for some three minutes at most, and their causes wait for one.
struct QuietSpan: Sendable {
  private var connections = 0
  private var since: UInt32 = 0

  /// Then an account makes way where places are scarce, or if nobody ever answered.
  private static let short: UInt32 = 300
  private static let long: UInt32 = 900

  /// - Parameters:
  ///   - isLive: there is something now.
  ///   - connections: how many there were in all.
  /// - Returns: whether it has been long enough.
  mutating func isOver(isLive: Bool, connections: Int, hurried: Bool, at second: UInt32) -> Bool {
    if isLive || connections != self.connections {
      self.connections = connections
      since = second
    }
    return second &- since >= (hurried ? Self.short : Self.long)
  }
}
