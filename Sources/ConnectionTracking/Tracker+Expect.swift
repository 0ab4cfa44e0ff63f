internal import PacketDecoding

/// What is kept of a connection elsewhere is as cold as the connection itself.
extension Tracker {
  /// Tells the observer of the connections that segments of the batch, which were sought, will probably open, or bring
  /// nearer to their end.
  package mutating func expect(_ batch: inout ArrivalBatch, observer: inout (some ConnectionObserver & ~Copyable)) {
    guard table.slotLimit > Self.cachedSlots else { return }
    var openings = InlineArray<32, UInt64>(repeating: 0)
    var count = 0
    for number in 0..<batch.count where batch[number].segment.flags.isControl {
      let flags = batch[number].segment.flags
      if batch[number].candidate != .none {
        if !flags.isSYN { observer.expect(table.detail(at: batch[number].candidate).account) }
      } else if flags.isBareSYN, count < openings.count {
        let (client, server) = (batch[number].segment.source, batch[number].segment.destination)
        openings[count] = observer.expect(client: client, server: server)
        count += 1
      }
    }
    for number in 0..<count { observer.expectOpening(openings[number]) }
  }
}
