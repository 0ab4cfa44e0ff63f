package import PacketDecoding

/// Segments that are taken together: while one is looked up, the memory of the others is on its way.
///
/// It is filled and taken by calls that cost little for a packet: modules are compiled apart.
package struct ArrivalBatch: ~Copyable {
  var arrivals = InlineArray<32, Arrival>(repeating: Arrival())
  var count = 0
  /// The first that has not been taken.
  var next = 0

  package init() {}

  /// Decodes a frame; its segment is `decoded` then, and part of the batch once `Tracker.keep` was called.
  package mutating func decode(
    _ frame: RawSpan,
    wireLength: UInt32,
    with decoder: borrowing FrameDecoder
  ) throws(DecodeError) -> FrameContent {
    try decoder.decode(frame, wireLength: wireLength, into: &arrivals[count].segment)
  }

  /// Mutating, as the next: a plain getter copies the whole batch to take one of it.
  package var decodedEnds: (source: Endpoint, destination: Endpoint) {
    mutating get { (arrivals[count].segment.source, arrivals[count].segment.destination) }
  }

  /// Of an ICMP error, what that quotes.
  package var decoded: Segment {
    mutating get { arrivals[count].segment }
  }

  /// When the next one came; nil when all have been taken.
  package var nextTime: Instant? {
    mutating get { next < count ? arrivals[next].now : nil }
  }

  package mutating func clear() {
    count = 0
    next = 0
  }
}

extension Tracker {
  /// Makes the segment that was just decoded part of the batch.
  ///
  /// - Parameters:
  ///   - frame: where its frame lies among the octets of the batch.
  ///   - payloadLimit: how much of its payload may be looked at.
  ///   - now: engine time.
  /// - Returns: whether the batch is full.
  package mutating func keep(
    in batch: inout ArrivalBatch,
    frame: Range<Int>,
    payloadLimit: Int,
    interface: UInt8,
    at now: Instant,
    captured: Timestamp
  ) -> Bool {
    let number = batch.count
    let start = min(Int(batch.arrivals[number].segment.payloadOffset), frame.count)
    let visible = min(Int(batch.arrivals[number].segment.payloadLength), payloadLimit)
    batch.arrivals[number].payloadStart = frame.lowerBound + start
    batch.arrivals[number].payloadCount = min(visible, frame.count - start)
    batch.arrivals[number].interface = interface
    batch.arrivals[number].now = now
    batch.arrivals[number].captured = captured
    recognize(&batch.arrivals[number])
    batch.count = number + 1
    return batch.count == batch.arrivals.count
  }

  /// Asks for the memory of all connections of the batch.
  package mutating func seek(_ batch: inout ArrivalBatch) {
    for number in 0..<batch.count { seek(&batch.arrivals[number]) }
    for number in 0..<batch.count { prepare(&batch.arrivals[number]) }
  }

  /// Takes the segments of the batch that came before `end`, in order.
  package mutating func receive(
    _ batch: inout ArrivalBatch,
    before end: Instant,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    while batch.next < batch.count, batch.arrivals[batch.next].now < end {
      let number = batch.next
      let start = batch.arrivals[number].payloadStart
      let payload = octets.extracting(start..<start + batch.arrivals[number].payloadCount)
      receive(&batch.arrivals[number], payload, observer: &observer)
      batch.next = number + 1
    }
  }
}
