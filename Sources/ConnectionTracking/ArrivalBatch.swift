package import PacketDecoding

/// Segments that are taken together: while one is looked up, the memory of the others is on its way.
///
/// It is filled and taken by calls that cost little for a packet: modules are compiled apart.
///
/// Its memory is its own: what lies in a value of such a size is copied out and in for each call that changes it. The
/// pointer is private, and each place in bounds: that is what makes it safe.
@safe
@usableFromInline
package struct ArrivalBatch: ~Copyable {
  private let memory: UnsafeMutablePointer<Arrival>
  @usableFromInline package var count = 0
  /// The place of what was decoded last.
  private var latest = 0
  /// How much of a segment's payload may be looked at.
  package var payloadLimit: Int
  /// The first that has not been taken.
  package internal(set) var next = 0
  /// When this one is taken, the memory of later ones is asked for.
  var nextLook = Int.max
  /// When the last segment came that completed an exchange, of a run that was taken quietly.
  var answered: Instant?
  /// A bit for each that may open or end a connection whose memory was asked for.
  var controls: UInt64 = 0

  package init(payloadLimit: Int = .max) {
    self.payloadLimit = payloadLimit
    unsafe memory = .allocate(capacity: Self.capacity)
    unsafe memory.initialize(repeating: Arrival(), count: Self.capacity)
  }

  deinit { unsafe memory.deallocate() }

  @inline(__always)
  subscript(number: Int) -> Arrival {
    unsafeAddress {
      precondition(number >= 0 && number < Self.capacity)
      return unsafe UnsafePointer(memory + number)
    }
    nonmutating unsafeMutableAddress {
      precondition(number >= 0 && number < Self.capacity)
      return unsafe memory + number
    }
  }

  @inlinable package var isFull: Bool { count == Self.capacity }

  /// Takes the segment that was just decoded out again.
  package mutating func drop() { count = latest }

  /// Takes out those from a number on.
  mutating func drop(from number: Int) {
    count = number
    latest = max(number - 1, 0)
  }

  @usableFromInline package static var capacity: Int { 64 }

  /// Takes segments one after the other, for as long as `body` puts one into the place it is given, and at most
  /// `limit`.
  @inline(__always)
  mutating func fill(atMost limit: Int, _ body: (Int, inout Arrival) -> Bool) {
    let first = count
    precondition(first >= 0 && first <= Self.capacity)
    let room = min(limit, Self.capacity - first)
    var place = unsafe memory + first
    var filled = 0
    while unsafe filled < room && body(filled, &place.pointee) {
      filled += 1
      unsafe place += 1
    }
    count = first + filled
    latest = max(count - 1, 0)
  }

  /// Runs `body` on each from a number on, and before another, for as long as it takes them; it may note the time of an
  /// answer.
  ///
  /// - Returns: the number of the first that it did not take.
  @inline(__always)
  mutating func take(from first: Int, before end: Int, _ body: (inout Arrival, inout Instant?) -> Bool) -> Int {
    let last = min(end, count)
    precondition(first >= 0 && last <= Self.capacity)
    guard first < last else { return first }
    var place = unsafe memory + first
    let end = unsafe memory + last
    while unsafe place != end && body(&place.pointee, &answered) { unsafe place += 1 }
    return unsafe place - memory
  }

  /// Runs `body` on each from a number on, and before another.
  @inline(__always)
  mutating func update(from first: Int, before end: Int = Self.capacity, _ body: (Int, inout Arrival) -> Void) {
    let last = min(end, count)
    precondition(first >= 0 && last <= Self.capacity)
    guard first < last else { return }
    var number = first
    var place = unsafe memory + first
    let end = unsafe memory + last
    while unsafe place != end {
      unsafe body(number, &place.pointee)
      unsafe place += 1
      number &+= 1
    }
  }

  /// Notes that the next place holds the segment decoded last.
  @inline(__always)
  mutating func take() {
    latest = count
    count += 1
  }

  /// Notes that it holds what is not taken: the ends of a segment that an ICMP error quotes, or nothing.
  mutating func pass() { latest = count }

  /// Mutating, as the next: a plain getter copies the whole batch to take one of it.
  package var decodedEnds: (source: Endpoint, destination: Endpoint) {
    mutating get { (self[latest].segment.source, self[latest].segment.destination) }
  }

  /// Of an ICMP error, what that quotes.
  package var decoded: Segment {
    mutating get { self[latest].segment }
  }

  package mutating func segment(_ number: Int) -> Segment { self[number].segment }

  /// When the next one came; nil when all have been taken.
  package var nextTime: Instant? {
    mutating get { next < count ? self[next].now : nil }
  }

  package mutating func clear() {
    count = 0
    latest = 0
    next = 0
    controls = 0
  }
}

extension Tracker {
  /// Asks for the memory of the first connections of the batch.
  package mutating func seek(_ batch: inout ArrivalBatch) {
    table.forgetNews()
    // A small table is in the cache.
    guard table.slotLimit > Self.cachedSlots else {
      return seekInCache(&batch)
    }
    batch.nextLook = 0
    for group in 0..<3 { seek(&batch, from: group * Self.lookedAt) }
    for group in 0..<2 { prepare(&batch, from: group * Self.lookedAt) }
  }

  @inline(never)
  private mutating func seekInCache(_ batch: inout ArrivalBatch) {
    batch.nextLook = .max
    batch.update(from: 0) { _, arrival in
      seek(&arrival)
      arrival.mayGoOn = arrival.candidate.rawValue < table.slotLimit && table.maySimplyGoOn(&arrival)
    }
  }

  private static let cachedSlots: UInt32 = 2048
  /// What is asked for all at once waits for each other: some at a time, while others are taken.
  private static let lookedAt = 8

  /// Asks for the memory of connections that are further on in the batch, and tells the observer of those that are next.
  @inline(never)
  mutating func lookAhead(_ batch: inout ArrivalBatch, observer: inout (some ConnectionObserver & ~Copyable)) {
    seek(&batch, from: batch.nextLook + 3 * Self.lookedAt)
    prepare(&batch, from: batch.nextLook + 2 * Self.lookedAt)
    if batch.nextLook == 0 { expectFirst(&batch, before: Self.lookedAt, observer: &observer) }
    batch.nextLook += Self.lookedAt
    expect(&batch, before: batch.nextLook + Self.lookedAt, observer: &observer)
  }

  @inline(__always)
  private mutating func seek(_ batch: inout ArrivalBatch, from first: Int) {
    batch.update(from: first, before: first + Self.lookedAt) { _, arrival in seek(&arrival) }
  }

  @inline(__always)
  private mutating func prepare(_ batch: inout ArrivalBatch, from first: Int) {
    var controls: UInt64 = 0
    batch.update(from: first, before: first + Self.lookedAt) { number, arrival in
      prepare(&arrival)
      if arrival.segment.flags.isControl { controls |= 1 &<< UInt64(number) }
    }
    batch.controls |= controls
  }

  /// Takes the segments of the batch that came before `end`, in order.
  package mutating func receive(
    _ batch: inout ArrivalBatch,
    before end: Instant,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let count = min(batch.count, ArrivalBatch.capacity)
    var number = max(batch.next, 0)
    while number < count, batch[number].now < end {
      if number == batch.nextLook { lookAhead(&batch, observer: &observer) }
      if batch[number].mayGoOn {
        let stop = number < batch.nextLook ? min(batch.nextLook, count) : count
        number = takeQuietly(&batch, from: number, before: stop, at: ..<min(end, nextDeadline))
        if let answered = batch.answered.take() { observer.note(answered) }
        guard number < stop else { continue }
        guard batch[number].now < end else { break }
      }
      receive(&batch[number], octets, observer: &observer)
      number &+= 1
    }
    batch.next = number
  }
}
