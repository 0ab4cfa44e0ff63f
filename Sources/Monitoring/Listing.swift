package import PacketDecoding

/// A listing in the making: a slice at a time, so that a million connections never stall capture.
///
/// First it visits those in the table, from its end; then what has ended. A connection that ends meanwhile is found
/// further on, and taken once; one that begins meanwhile is not in it.
package struct Listing: Sendable {
  let query: ConnectionQuery
  /// Serials from here on began after the listing did.
  let end: UInt64
  var newest: NewestRecords
  var stage: Stage
  /// When it was complete.
  package var time: Timestamp?

  enum Stage: Sendable, Equatable {
    /// Slots below this one are to be visited.
    case table(below: UInt32)
    /// Those that ended and have a lower number.
    case ended(below: Int)
    case complete
  }

  init(_ query: ConnectionQuery, slots: UInt32, nextSerial: UInt64) {
    self.query = query
    end = min(query.before ?? .max, nextSerial)
    newest = NewestRecords(limit: query.limit + 1)
    stage = .table(below: slots)
  }

  /// The page, with a cursor when one more was found than it may hold.
  package var page: ConnectionPage {
    var records = newest.sorted
    let isLast = records.count <= query.limit
    if !isLast { records.removeLast(records.count - query.limit) }
    return ConnectionPage(
      time: time,
      records: records,
      next: isLast ? nil : records.last?.serial
    )
  }
}
