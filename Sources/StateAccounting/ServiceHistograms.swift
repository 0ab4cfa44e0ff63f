package import ConnectionTracking
internal import PacketDecoding

/// What the connections of a service were like, of those that were answered and have ended.
package struct ServiceHistograms: Sendable {
  package private(set) var exchanges = LogHistogram(subBits: 6)
  /// Milliseconds from the first packet to what ended the connection.
  package private(set) var life = LogHistogram()
  /// Milliseconds of silence before the first FIN or RST.
  package private(set) var idleBeforeClose = LogHistogram()
  package private(set) var exchangesByBound = BoundedHistogram(bounds: Self.exchangeBounds)
  package private(set) var idleByBound = BoundedHistogram(bounds: Self.idleBounds)

  private static let exchangeBounds: [UInt64] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000]
  /// Milliseconds.
  private static let idleBounds: [UInt64] = [
    1, 10, 100, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120_000, 300_000,
  ]

  package init() {}

  package mutating func add(_ connection: borrowing EndedConnection) {
    guard connection.wasAnswered else { return }
    life.add(connection.life.wholeMilliseconds)
    guard !connection.isPartial else { return }
    if let count = connection.exchanges {
      exchanges.add(UInt64(count))
      exchangesByBound.add(UInt64(count))
    }
    if let idle = connection.idleBeforeClose {
      let milliseconds = Seconds(nanoseconds: idle).wholeMilliseconds
      idleBeforeClose.add(milliseconds)
      idleByBound.add(milliseconds)
    }
  }

  /// Adds what metrics tell of another's.
  mutating func addBounded(_ other: ServiceHistograms) {
    exchangesByBound.add(other.exchangesByBound)
    idleByBound.add(other.idleByBound)
  }
}

extension Seconds {
  fileprivate var wholeMilliseconds: UInt64 { UInt64(max(nanoseconds, 0)) / 1_000_000 }
}
