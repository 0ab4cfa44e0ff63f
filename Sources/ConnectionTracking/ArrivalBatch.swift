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
  /// A bit for each that may open or end a connection, of those whose memory was asked for last, the lowest for the
  /// first.
  var controls: UInt64 = 0
  /// A connection was found for one of those that are prepared next, and for one of those that were sought last.
  var hasKnown = false
  var willHaveKnown = false

  package init(payloadLimit: Int = .max) {
    self.payloadLimit = payloadLimit
    unsafe memory = .allocate(capacity: Self.places)
    unsafe memory.initialize(repeating: Arrival(), count: Self.places)
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

  @usableFromInline package static var capacity: Int { 256 }

  /// Behind the last there is what a group that ends with it looks ahead to.
  private static var places: Int { capacity + LookAhead.placed - LookAhead.sought }

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

  /// Runs `body` on each of a group, as far as the batch reaches, and on what its places have left behind it: nothing is
  /// decided for each of them then.
  ///
  /// - Parameters:
  ///   - first: the number of the first, which is that of a group.
  ///   - body: is given the one, too, whose place is asked for when this one is sought.
  /// - Returns: whether the batch reaches so far.
  @inline(__always)
  mutating func updateGroup(from first: Int, _ body: (inout Arrival, inout Arrival) -> Void) -> Bool {
    guard first < count else { return false }
    precondition(first >= 0 && first <= Self.capacity - LookAhead.atOnce)
    var place = unsafe memory + first
    let end = unsafe place + LookAhead.atOnce
    repeat {
      unsafe body(&place.pointee, &place[LookAhead.placed - LookAhead.sought])
      unsafe place += 1
    } while unsafe place != end
    return true
  }

  /// Runs `body` on each from a number on, and before another, for as long as it takes them.
  ///
  /// - Returns: the number of the first that it did not take.
  @inline(__always)
  mutating func take(from first: Int, before end: Int, _ body: (inout Arrival) -> Bool) -> Int {
    let last = min(end, count)
    precondition(first >= 0 && last <= Self.capacity)
    guard first < last else { return first }
    var place = unsafe memory + first
    let end = unsafe memory + last
    while unsafe place != end && body(&place.pointee) { unsafe place += 1 }
    // It is not before the first, which the compiler does not know.
    return Int(unsafe (UInt(bitPattern: place) &- UInt(bitPattern: memory)) / UInt(MemoryLayout<Arrival>.stride))
  }

  /// Runs `body` on each from a number on.
  @inline(__always)
  mutating func update(from first: Int, _ body: (inout Arrival) -> Void) {
    precondition(first >= 0 && count <= Self.capacity)
    guard first < count else { return }
    var place = unsafe memory + first
    let end = unsafe memory + count
    while unsafe place != end {
      unsafe body(&place.pointee)
      unsafe place += 1
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
      if isFlooded {
        let taken = takeFlood(&batch, from: number, before: end, observer: &observer)
        number &+= taken
        if taken > 0 { continue }
      }
      receive(&batch[number], octets, observer: &observer)
      number &+= 1
    }
    batch.next = number
  }
}
