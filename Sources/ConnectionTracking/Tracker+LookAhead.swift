internal import PacketDecoding

/// How many segments ahead of the one that is taken memory is asked for, the nearest last: for each of the steps what the
/// one before it asked for is there.
enum LookAhead {
  /// Where a lookup begins in the index.
  static var indexed: Int { 32 }
  /// The connection's hot line.
  static var sought: Int { 24 }
  /// What else the segment needs, as the hot line tells.
  static var prepared: Int { 16 }
  /// What the observer keeps of those that open or end.
  static var expected: Int { 8 }
  /// What is asked for all at once waits for each other: some at a time, while others are taken.
  static var atOnce: Int { 8 }
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
    askForIndex(&batch, from: 0, LookAhead.indexed)
    seek(&batch, from: 0, LookAhead.sought)
    prepare(&batch, from: 0, LookAhead.prepared)
  }

  @inline(never)
  private mutating func seekInCache(_ batch: inout ArrivalBatch) {
    batch.nextLook = .max
    batch.update(from: 0) { _, arrival in
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
  /// One after the other for each of the distances: then not as much is asked for at once.
  @inline(never)
  mutating func lookAhead(_ batch: inout ArrivalBatch, observer: inout (some ConnectionObserver & ~Copyable)) {
    let next = batch.nextLook
    batch.nextLook = next &+ LookAhead.atOnce
    var controls: UInt64 = 0
    let areThere = batch.lookAhead(from: next) { number, prepared, sought, indexed in
      table.prefetchIndex(indexed.tag)
      seek(&sought)
      controls |= prepare(&prepared, number)
    }
    batch.controls |= controls
    if !areThere { lookAtLast(&batch, from: next) }
    if next == 0 { expectFirst(&batch, observer: &observer) }
    expect(&batch, from: next &+ LookAhead.expected, LookAhead.atOnce, observer: &observer)
  }

  /// The same for the last of a batch.
  @inline(never)
  private mutating func lookAtLast(_ batch: inout ArrivalBatch, from next: Int) {
    askForIndex(&batch, from: next + LookAhead.indexed, LookAhead.atOnce)
    seek(&batch, from: next + LookAhead.sought, LookAhead.atOnce)
    prepare(&batch, from: next + LookAhead.prepared, LookAhead.atOnce)
  }

  @inline(__always)
  private mutating func askForIndex(_ batch: inout ArrivalBatch, from first: Int, _ count: Int) {
    batch.update(from: first, before: first + count) { _, arrival in table.prefetchIndex(arrival.tag) }
  }

  @inline(__always)
  private mutating func seek(_ batch: inout ArrivalBatch, from first: Int, _ count: Int) {
    batch.update(from: first, before: first + count) { _, arrival in seek(&arrival) }
  }

  @inline(__always)
  private mutating func prepare(_ batch: inout ArrivalBatch, from first: Int, _ count: Int) {
    var controls: UInt64 = 0
    batch.update(from: first, before: first + count) { number, arrival in controls |= prepare(&arrival, number) }
    batch.controls |= controls
  }

  /// - Returns: its bit, if it may open or end a connection.
  @inline(__always)
  private mutating func prepare(_ arrival: inout Arrival, _ number: Int) -> UInt64 {
    prepare(&arrival)
    return (arrival.segment.flags.isControl ? 1 : 0) &<< UInt64(truncatingIfNeeded: number)
  }
}

extension ArrivalBatch {
  /// Those that may open or end a connection, of some from a number on: the lowest bit for the first. Each is taken once.
  @inline(__always)
  mutating func takeControls(from first: Int, _ count: Int) -> UInt64 {
    let shift = UInt64(truncatingIfNeeded: first)
    let taken = controls & ((1 &<< UInt64(truncatingIfNeeded: count) &- 1) &<< shift)
    controls ^= taken
    return taken &>> shift
  }
}
