internal import PacketDecoding

/// In a flood SYNs come one after the other, and for each of them the oldest goes: they are taken some at once. Of what
/// one alone costs, most is going from one function to the next.
extension Tracker {
  /// Takes SYNs from a number on for as long as each takes the place of one that nobody answered, and there is nothing
  /// else to it.
  ///
  /// - Parameter end: they came before.
  /// - Returns: how many.
  @inline(never)
  mutating func takeFlood(
    _ batch: inout ArrivalBatch,
    from first: Int,
    before end: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Int {
    isFlooded = lacksRoomForHandshakes && !settings.home.localAddresses.isKnown && !settings.home.forwards
    guard isFlooded else { return 0 }
    let count = gather(&batch, from: first, before: min(end, nextDeadline))
    guard count > 0 else { return 0 }
    var run = flood.mutableSpan
    isFlooded = observer.requested(&run, count, .unknown)
    guard isFlooded else { return 0 }
    replaceOldest(count, by: &batch, from: first)
    return count
  }

  /// Notes who would go for whom.
  ///
  /// - Returns: for how many.
  @inline(__always)
  private mutating func gather(
    _ batch: inout ArrivalBatch,
    from first: Int,
    before end: Instant
  ) -> Int {
    let (oldest, newest) = queues.ends(of: .halfOpen)
    guard oldest != .none, queues.isInOrderOfArrival(.halfOpen) else { return 0 }
    var slot = oldest
    var latest = table[stayAt: newest].deadline
    var count = 0
    let stop = min(batch.nextLook, first &+ flood.count)
    _ = batch.take(from: first, before: stop) { arrival in
      let deadline = arrival.now + settings.halfOpen
      guard arrival.now < end, latest <= deadline, slot != newest, table.mayBeFlood(&arrival, isFirst: count == 0),
        table.isRequest(slot)
      else { return false }
      let (account, side) = table.updateHotLine(slot) { flow in (flow.requestAccount, flow.localSide) }
      guard side == .unknown else { return false }
      // Another of the same connection is not taken as new.
      table.markNews(arrival.tag)
      flood[count] = FloodRequest(RequestEnds(arrival.segment.ends), at: arrival.now, inPlaceOf: account)
      latest = deadline
      slot = table[stayAt: slot].following
      count &+= 1
      return true
    }
    return count
  }

  /// They get the slots of the oldest, and their turns at the other end of the queue.
  @inline(__always)
  private mutating func replaceOldest(
    _ count: Int,
    by batch: inout ArrivalBatch,
    from first: Int
  ) {
    var slot = queues.head(of: .halfOpen)
    var last = slot
    for number in 0..<count {
      let account = flood[number].account
      let (now, captured) = (batch[first &+ number].now, batch[first &+ number].captured)
      let isPartial = settings.isControlOnly(captured)
      let serial = nextSerial
      table.replaceRequest(slot, by: &batch[first &+ number], .unknown, account, isPartial: isPartial, serial: serial)
      table[stayAt: slot].deadline = now + settings.halfOpen
      nextSerial &+= 1
      last = slot
      slot = table[stayAt: slot].following
    }
    queues[.halfOpen].rotate(through: last, &table)
    evicted &+= count
    table.expectRequests(count, from: slot)
  }
}

extension FlowTable {
  /// A SYN of a connection that is not known, with nothing odd about it.
  ///
  /// - Parameter isFirst: those before it are all in the index.
  // Mutating: what is only read is copied, all of it.
  @inline(__always)
  fileprivate mutating func mayBeFlood(_ arrival: inout Arrival, isFirst: Bool) -> Bool {
    guard arrival.candidate == .none, Flow.mayOpenPlainly(arrival.segment), !arrival.isWide else { return false }
    return !mayBeNews(arrival.tag) || isFirst && candidate(arrival.tag) == .none
  }
}
