internal import ConnectionTracking
internal import PacketDecoding

/// What the connections of a service were like, of those that were answered and have ended.
package struct ServiceHistograms: Sendable {
  /// Those of connections with few exchanges, as most have, by their number; the others are counted below.
  private var fewExchanges = InlineArray<8, Int>(repeating: 0)
  private var manyExchanges = LogHistogram(subBits: 6)
  private var manyExchangesByBound = BoundedHistogram(bounds: Self.exchangeBounds)
  /// Milliseconds from the first packet to what ended the connection.
  package private(set) var life = LogHistogram()
  /// Milliseconds of silence before the first FIN or RST.
  package private(set) var idleBeforeClose = LogHistogram()
  package private(set) var idleByBound = BoundedHistogram(bounds: Self.idleBounds)

  private static let exchangeBounds: [UInt64] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000]
  /// Milliseconds.
  private static let idleBounds: [UInt64] = [
    1, 10, 100, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120_000, 300_000,
  ]

  package init() {}

  /// - Parameter connection: one that was answered.
  @inline(__always)
  mutating func add(_ connection: borrowing EndedConnection) {
    life.add(connection.life.wholeMilliseconds)
    guard !connection.isPartial else { return }
    if let count = connection.exchanges {
      if count < fewExchanges.count { fewExchanges[Int(count)] &+= 1 } else { addMany(UInt64(count)) }
    }
    if let idle = connection.idleBeforeClose {
      let milliseconds = Seconds(nanoseconds: idle).wholeMilliseconds
      idleBeforeClose.add(milliseconds)
      idleByBound.add(milliseconds)
    }
  }

  @inline(never)
  private mutating func addMany(_ exchanges: UInt64) {
    manyExchanges.add(exchanges)
    manyExchangesByBound.add(exchanges)
  }

  package var exchanges: LogHistogram {
    var all = manyExchanges
    for count in fewExchanges.indices where fewExchanges[count] > 0 {
      all.add(UInt64(count), times: fewExchanges[count])
    }
    return all
  }

  package var exchangesByBound: BoundedHistogram {
    var all = manyExchangesByBound
    for count in fewExchanges.indices { all.add(UInt64(count), times: fewExchanges[count]) }
    return all
  }

  /// Adds what metrics tell of another's.
  mutating func addBounded(_ other: ServiceHistograms) {
    manyExchangesByBound.add(other.exchangesByBound)
    idleByBound.add(other.idleByBound)
  }
}

extension Seconds {
  fileprivate var wholeMilliseconds: UInt64 { UInt64(max(nanoseconds, 0)) / 1_000_000 }
}
