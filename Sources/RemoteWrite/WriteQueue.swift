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
