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
      let (source, destination) = (batch[number].segment.source, batch[number].segment.destination)
      let isNew = batch[number].candidate == .none
      let account = isNew ? AccountKey(service: 0, peer: 0) : table.detail(at: batch[number].candidate).account
      if !isNew, !flags.isSYN {
        observer.expect(account)
      } else if flags.isSYN, account.isShared, isNew != flags.isACK, count < openings.count {
        // An answer gives accounts of their own to those that shared some.
        let (client, server) = isNew ? (source, destination) : (destination, source)
        openings[count] = observer.expect(client: client, server: server)
        count += 1
      }
    }
    for number in 0..<count { observer.expectOpening(openings[number]) }
  }

  /// The same of the next whose time will come, as a rule a moment later.
  @inline(__always)
  mutating func expectNext(
    in kind: DeadlineQueue.Kind,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let next = queues[kind].head
    if next != .none { observer.expect(table.detail(at: next).account) }
  }
}
