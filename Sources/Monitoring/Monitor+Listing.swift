internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding

extension Monitor {
  package func begin(_ query: ConnectionQuery) -> Listing {
    Listing(query, slots: tracker.table.slotLimit, nextSerial: tracker.nextSerial)
  }

  /// Goes on with a listing.
  ///
  /// - Parameters:
  ///   - count: places to look at, for this time.
  ///   - interfaces: names by interface number.
  /// - Returns: whether it is complete.
  package func advance(_ listing: inout Listing, by count: Int, at now: Instant, interfaces: [String]) -> Bool {
    switch listing.stage {
    case .table(let below):
      let first = below - min(below, UInt32(clamping: count))
      visitTable(&listing, first..<below, now, interfaces)
      listing.stage = first > 0 ? .table(below: first) : .ended(below: books.ended.upperBound)
    case .ended(let below): visitEnded(&listing, below, count, now, interfaces)
    case .complete: break
    }
    return listing.stage == .complete
  }

  private func visitTable(
    _ listing: inout Listing,
    _ numbers: Range<UInt32>,
    _ now: Instant,
    _ interfaces: [String]
  ) {
    for number in numbers.reversed() {
      if let only = listing.query.only, tracker.table.serial(atNumber: number) != only { continue }
      if let connection = tracker.table.connection(atNumber: number) {
        consider(connection, for: &listing, now, interfaces)
      }
    }
  }

  private func visitEnded(_ listing: inout Listing, _ below: Int, _ count: Int, _ now: Instant, _ interfaces: [String])
  {
    // Those that were to come may have been forgotten.
    let first = max(books.ended.lowerBound, below - count)
    for number in (min(first, below)..<below).reversed() {
      if let connection = books.connection(ended: number) { consider(connection, for: &listing, now, interfaces) }
    }
    listing.stage = first > books.ended.lowerBound ? .ended(below: first) : .complete
  }

  private func consider(
    _ connection: ConnectionView,
    for listing: inout Listing,
    _ now: Instant,
    _ interfaces: [String]
  ) {
    let serial = connection.detail.serial
    guard serial < listing.end, serial == listing.query.only ?? serial, listing.newest.wants(serial) else { return }
    var record = ConnectionRecord(connection, at: now, interfaces: interfaces)
    let namespace = Int(connection.key.namespace)
    if namespace < namespaces.count { record.namespace = namespaces[namespace] }
    record.closeCause = verdict(of: connection)
    // Of what the kernel's table told of as closed nobody finds out why.
    record.causePending = books.diagnosis.awaits(serial)
    (record.owner, record.clientOwner) = owners(of: connection)
    guard listing.query.filter.matches(record) else { return }
    if listing.query.includesSegments { record.sequence = tracker.sequence(of: connection) }
    listing.newest.add(record)
  }
}
