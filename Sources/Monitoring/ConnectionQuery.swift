package import PacketDecoding

/// A listing, newest connection first, as one page.
package struct ConnectionQuery: Sendable {
  package var filter: ConnectionFilter
  /// At most this many records.
  package var limit: Int
  /// Only connections with a lower serial: the cursor of the page before.
  package var before: UInt64?

  /// Only the connection with this serial.
  package var only: UInt64?
  /// The segments of each connection are wanted, too.
  package var includesSegments = false

  package init(filter: ConnectionFilter = .all, limit: Int = 100, before: UInt64? = nil) {
    self.filter = filter
    self.limit = limit
    self.before = before
  }
}

package struct ConnectionPage: Sendable {
  package var time: Timestamp?
  package var records: [ConnectionRecord]
  /// The cursor of the next page; nil when this was the last.
  package var next: UInt64?

  package init(time: Timestamp?, records: [ConnectionRecord], next: UInt64?) {
    self.time = time
    self.records = records
    self.next = next
  }
}
