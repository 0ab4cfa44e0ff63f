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
  var next = 0
  /// A bit for each that may open or end a connection whose memory was asked for.
  var controls: UInt32 = 0

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

  @usableFromInline package static var capacity: Int { 32 }

  /// Notes where the payload of the segment just decoded lies among the octets of the batch.
  @inline(__always)
  fileprivate mutating func place(payloadOf frame: FrameRecord) {
    let number = count
    latest = number
    let captured = UInt32(truncatingIfNeeded: frame.range.count)
    let start = min(self[number].segment.payloadOffset, captured)
    let visible = min(self[number].segment.payloadLength, UInt32(clamping: payloadLimit))
    self[number].payloadStart = UInt32(truncatingIfNeeded: frame.range.lowerBound) &+ start
    self[number].payloadCount = min(visible, captured &- start)
  }

  fileprivate mutating func noteOther() { latest = count }

  /// Mutating, as the next: a plain getter copies the whole batch to take one of it.
  package var decodedEnds: (source: Endpoint, destination: Endpoint) {
    mutating get { (self[latest].segment.source, self[latest].segment.destination) }
  }

  package var decodedPorts: (source: UInt16, destination: UInt16) {
    mutating get { (self[latest].segment.source.port, self[latest].segment.destination.port) }
  }

  /// Of an ICMP error, what that quotes.
  package var decoded: Segment {
    mutating get { self[latest].segment }
  }

  /// When the next one came; nil when all have been taken.
  package var nextTime: Instant? {
    mutating get { next < count ? self[next].now : nil }
  }

  /// Some may open or end a connection.
  package var hasControls: Bool { mutating get { controls != 0 } }

  package mutating func clear() {
    count = 0
    latest = 0
    next = 0
    controls = 0
  }
}

extension Tracker {
  /// Decodes a frame. If it holds a segment, that is `decoded` then, and part of the batch.
  ///
  /// - Parameters:
  ///   - octets: those of the whole batch, among which the frame lies.
  ///   - now: engine time.
  package mutating func decode(
    _ octets: RawSpan,
    _ frame: FrameRecord,
    interface: UInt8,
    at now: Instant,
    with decoder: borrowing FrameDecoder,
    into batch: inout ArrivalBatch
  ) throws(DecodeError) -> FrameContent {
    let number = batch.count
    let content = try decoder.decode(
      octets.extracting(frame.range),
      wireLength: frame.info.wireLength,
      into: &batch[number].segment
    )
    guard case .segment = content else {
      batch.noteOther()
      return content
    }
    batch.place(payloadOf: frame)
    batch[number].interface = interface
    batch[number].now = now
    batch[number].captured = frame.info.timestamp
    recognize(&batch[number])
    batch.count = number + 1
    return content
  }

  /// Asks for the memory of all connections of the batch.
  package mutating func seek(_ batch: inout ArrivalBatch) {
    table.forgetNews()
    for number in 0..<batch.count { seek(&batch[number]) }
    // A small table is in the cache.
    guard table.slotLimit > Self.cachedSlots else { return }
    for number in 0..<batch.count {
      prepare(&batch[number])
      if batch[number].segment.flags.isControl { batch.controls |= 1 &<< UInt32(number) }
    }
  }

  private static let cachedSlots: UInt32 = 2048

  /// Takes the segments of the batch that came before `end`, in order.
  package mutating func receive(
    _ batch: inout ArrivalBatch,
    before end: Instant,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    while batch.next < batch.count, batch[batch.next].now < end {
      let number = batch.next
      let start = Int(batch[number].payloadStart)
      let payload = octets.extracting(start..<start &+ Int(batch[number].payloadCount))
      receive(&batch[number], payload, observer: &observer)
      batch.next = number + 1
    }
  }
}
