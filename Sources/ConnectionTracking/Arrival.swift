internal import PacketDecoding

/// A segment on its way to its connection, with what is found out about it before its turn.
///
/// Segments are taken in batches: looking up each one's connection first, for the memory of all to arrive at once. Two
/// cache lines, of which IPv6 alone needs all.
struct Arrival: BitwiseCopyable {
  var segment = Segment.blank
  var interface: UInt8 = 0
  var namespace: UInt8 = 0
  /// The hot line does not hold the whole key.
  var isWide = false
  /// Set by `Tracker.prepare`, which saw no more in it than that it goes on.
  var mayGoOn = false

  /// Where among the octets of its batch the payload begins, and where those end that may be looked at.
  var payloadStart: UInt32 = 0
  var octetsEnd: UInt32 = 0

  /// Set by `Tracker.recognize`: that of the key in the index.
  var tag: UInt32 = 0
  /// Set by `Tracker.seek`: where the connection may be, if it is not new.
  var candidate = Slot.none

  /// Engine time.
  var now = Instant(nanoseconds: 0)
  var captured = Timestamp(nanoseconds: 0)

  @inline(__always)
  var sender: End { segment.ends.senderIsSecond ? .second : .first }

  /// Of the key, as they stand in the hot line.
  @inline(__always)
  var words: UInt64 { segment.ends.words }

  @inline(__always)
  var ports: UInt32 { segment.ends.ports }

  @inline(__always)
  var key: FlowKey {
    FlowKey(first: segment.ends.first, second: segment.ends.second, scope: segment.scope, namespace: namespace)
  }

  /// Where among the octets of its batch the payload that may be looked at stands.
  var payload: Range<Int> {
    let start = min(payloadStart, octetsEnd)
    return Int(start)..<Int(start &+ min(segment.payloadLength, octetsEnd &- start))
  }

  /// Notes when its frame came, and where that ends among the octets of the batch.
  @inline(__always)
  mutating func note(_ frame: FrameRecord) {
    captured = frame.info.timestamp
    octetsEnd = frame.start &+ frame.count
  }

  /// And where the payload begins, which is known when the frame has been decoded.
  @inline(__always)
  mutating func notePayload(_ frame: FrameRecord) {
    payloadStart = frame.start &+ segment.payloadOffset
  }

  /// Leaves at most so much of the payload to be looked at.
  mutating func limitPayload(to limit: UInt32) {
    let (end, overflow) = payloadStart.addingReportingOverflow(limit)
    if !overflow { octetsEnd = min(octetsEnd, end) }
  }

  /// Notes what the hot line holds of the key.
  mutating func noteWidth() {
    isWide = segment.scope != 0 || namespace != 0 || !segment.ends.areIPv4
  }
}
