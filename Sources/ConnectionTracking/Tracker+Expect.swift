internal import PacketDecoding

/// What is kept of a connection elsewhere is as cold as the connection itself.
extension Tracker {
  /// Tells the observer of the connections that some segments of the batch will probably open, or bring nearer to their
  /// end.
  ///
  /// - Parameter controls: a bit for each of them, the lowest for the one that has the number `first`.
  @inline(__always)
  mutating func expect(
    _ batch: inout ArrivalBatch,
    from first: Int,
    _ controls: UInt64,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if openings.count > 0 { goOn(&observer) }
    var left = controls
    while left != 0 {
      let number = first &+ left.trailingZeroBitCount
      left &= left &- 1
      let hint = expect(&batch[number], &observer)
      if hint != 0 { openings.append(hint) }
    }
  }

  /// With those that were told of when the segments before these were expected: by now what was asked for is there.
  @inline(__always)
  private mutating func goOn(_ observer: inout (some ConnectionObserver & ~Copyable)) {
    for number in 0..<openings.count { observer.expectOpening(openings[number]) }
    openings.count = 0
  }

  /// - Returns: what the observer goes on with, of a connection that gets accounts of its own; 0 for nothing.
  @inline(__always)
  private mutating func expect(
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> UInt64 {
    let flags = arrival.segment.flags
    guard arrival.candidate != .none else {
      guard flags.isBareSYN else { return 0 }
      // Nearly all of them are from somewhere else, and have no account.
      guard !isFlooded else { return 0 }
      guard arrival.segment.ends.areIPv4 else { return Self.expectWide(&arrival, &observer) }
      return observer.expect(RequestEnds(arrival.segment.ends))
    }
    let (service, peer) = table.accounts(at: arrival.candidate)
    guard flags.isSYN else {
      if log.isOn { expectClose(of: arrival.candidate, &observer) }
      observer.expect(peer: peer)
      return 0
    }
    // The server answers: what was shared is its own from now on.
    guard flags.isACK, AccountKey(service: service, peer: peer).isShared else { return 0 }
    return Self.expectAnswered(&arrival, &observer)
  }

  /// What a close needs beside its account: a file's connections have nearly all of it in the cache, for as a rule
  /// something was said just before.
  @inline(never)
  private mutating func expectClose(of slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    let serial = table.expectClose(of: slot)
    log.expect(serial)
    observer.expectEnd(of: serial)
  }

  @inline(never)
  private static func expectWide(
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> UInt64 { observer.expect(client: arrival.segment.source, server: arrival.segment.destination) }

  @inline(never)
  private static func expectAnswered(
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> UInt64 { observer.expect(client: arrival.segment.destination, server: arrival.segment.source) }

  /// The same of the next whose time will come, as a rule a moment later.
  @inline(__always)
  mutating func expectNext(
    in kind: DeadlineQueue.Kind,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let next = queues.head(of: kind)
    if next != .none { observer.expect(peer: table.accounts(at: next).peer) }
  }
}

/// What the observer said of openings that it was told of, which it goes on with a moment later.
struct ExpectedOpenings: Sendable {
  private var hints = InlineArray<8, UInt64>(repeating: 0)
  var count = 0

  @inline(__always)
  subscript(number: Int) -> UInt64 { hints[number & 7] }

  /// Beyond some, memory is not waited for.
  @inline(__always)
  mutating func append(_ hint: UInt64) {
    guard count < hints.count else { return }
    hints[count & 7] = hint
    count &+= 1
  }
}
