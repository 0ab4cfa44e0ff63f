internal import PacketDecoding

/// How many segments ahead of the one that is taken memory is asked for, the nearest last: for each of the steps what the
/// one before it asked for is there.
enum LookAhead {
  /// Where a lookup begins in the index. Of the first of a batch it is asked for as soon as they are decoded.
  static var placed: Int { 48 }
  /// The connection's hot line.
  static var sought: Int { 24 }
  /// What else the segment needs, as the hot line tells.
  static var prepared: Int { 16 }
  /// What the observer keeps of those that open or end.
  static var expected: Int { 8 }
  /// How many there are in a group. What is asked for all at once waits for each other: some at a time, while others are
  /// taken.
  static var atOnce: Int { 8 }
  /// As many of a group are taken between one step and the next, for the same reason.
  static var between: Int { atOnce / 2 }
}

/// Asking for the memory of connections before the turn of their segments.
extension Tracker {
  /// Asks for the memory of the first connections of the batch.
  package mutating func seek(_ batch: inout ArrivalBatch) {
    table.forgetNews()
    // A small table is in the cache.
    guard table.slotLimit > Self.cachedSlots else {
      return seekInCache(&batch)
    }
    batch.nextLook = 0
    let first = seekAndPrepare(&batch, from: 0)
    let second = seekAndPrepare(&batch, from: LookAhead.atOnce)
    batch.controls = first | second << UInt64(LookAhead.atOnce)
    batch.hasKnown = seek(&batch, from: LookAhead.prepared)
    batch.willHaveKnown = batch.hasKnown
  }

  @inline(never)
  private mutating func seekInCache(_ batch: inout ArrivalBatch) {
    batch.nextLook = .max
    batch.update(from: 0) { arrival in
      seek(&arrival)
      guard arrival.candidate.rawValue < table.slotLimit else {
        arrival.mayGoOn = false
        return
      }
      table.noteMarks(&arrival)
    }
  }

  private static let cachedSlots: UInt32 = 2048

  /// Asks for the memory of connections that are further on in the batch, and tells the observer of those that are next.
  ///
  /// In short loops for each of the distances: all that one needs is in registers then, and in few lines of code.
  @inline(never)
  mutating func lookAhead(_ batch: inout ArrivalBatch, observer: inout (some ConnectionObserver & ~Copyable)) {
    let next = batch.nextLook
    let isMidway = next & LookAhead.between != 0
    batch.nextLook = next &+ LookAhead.between
    if !isMidway { seekAndExpect(&batch, next, observer: &observer) }
    // In a flood they are taken some at once, and hardly anything is there to be prepared.
    if isMidway || isFlooded {
      batch.nextLook = (next | LookAhead.between) &+ LookAhead.between
      prepareNext(&batch, next & ~LookAhead.between)
    }
  }

  /// - Parameter next: the number of the one that is taken next, the first of a group.
  @inline(__always)
  private mutating func seekAndExpect(
    _ batch: inout ArrivalBatch,
    _ next: Int,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    batch.willHaveKnown = seek(&batch, from: next &+ LookAhead.sought)
    if next == 0 {
      // The turn of the first comes at once.
      expect(&batch, from: 0, batch.controls & (1 << UInt64(LookAhead.atOnce) - 1), observer: &observer)
      batch.controls >>= UInt64(LookAhead.atOnce)
    }
    expect(&batch, from: next &+ LookAhead.expected, batch.controls, observer: &observer)
  }

  @inline(__always)
  private mutating func prepareNext(_ batch: inout ArrivalBatch, _ group: Int) {
    batch.controls = prepare(&batch, from: group &+ LookAhead.prepared, hasKnown: batch.hasKnown)
    batch.hasKnown = batch.willHaveKnown
  }

  @inline(__always)
  private mutating func seekAndPrepare(_ batch: inout ArrivalBatch, from first: Int) -> UInt64 {
    let hasKnown = seek(&batch, from: first)
    return prepare(&batch, from: first, hasKnown: hasKnown)
  }

  /// Asks for where the lookups of others begin, too.
  ///
  /// - Returns: whether a connection was found for one of them.
  @inline(never)
  private mutating func seek(_ batch: inout ArrivalBatch, from first: Int) -> Bool {
    let index = table.places
    let last = table.lastSlot
    var lowest = UInt32.max
    _ = batch.updateGroup(from: first) { arrival, later in
      table.prefetchIndex(later.tag, index)
      arrival.candidate = table.candidate(arrival.tag, index, last)
      lowest = min(lowest, arrival.candidate.rawValue)
    }
    return lowest <= last
  }

  /// - Parameter hasKnown: for one of them at least a connection was found. In a flood there is none.
  /// - Returns: a bit for each that may open or end a connection.
  @inline(never)
  private mutating func prepare(_ batch: inout ArrivalBatch, from first: Int, hasKnown: Bool) -> UInt64 {
    let last = table.lastSlot
    var controls: UInt64 = 0
    let isThere =
      hasKnown
      ? batch.updateGroup(from: first) { arrival, _ in
        table.prefetch(&arrival, last)
        controls = controls >> 1 | (arrival.segment.flags.isControl ? Self.lastBit : 0)
      }
      : batch.updateGroup(from: first) { arrival, _ in
        arrival.mayGoOn = false
        controls = controls >> 1 | (arrival.segment.flags.isControl ? Self.lastBit : 0)
      }
    guard isThere else { return 0 }
    let left = batch.count &- first
    return left < LookAhead.atOnce ? controls & (1 << UInt64(left) - 1) : controls
  }

  /// That of the last of a group.
  private static var lastBit: UInt64 { 1 << UInt64(LookAhead.atOnce - 1) }
}
