internal import PacketDecoding

/// A segment on its way to its connection, with what is found out about it before its turn.
///
/// Segments are taken in batches: looking up each one's connection first, for the memory of all to arrive at once.
struct Arrival: BitwiseCopyable {
  var segment = Segment.blank
  var interface: UInt8 = 0
  /// Engine time.
  var now = Instant(nanoseconds: 0)
  var captured = Timestamp(nanoseconds: 0)

  var namespace: UInt8 = 0

  /// Which octets of its batch are payload that may be looked at.
  var payloadStart: UInt32 = 0
  var payloadCount: UInt32 = 0

  /// Of a segment that is not wide.
  var ends = IPv4Ends.none
  /// The hot line does not hold the whole key.
  var isWide = false

  // Set by `Tracker.recognize`.

  var sender = End.first
  var tag: UInt32 = 0
  /// Of the key, as they stand in the hot line.
  var ports: UInt32 = 0
  var words: UInt64 = 0
  /// Set by `Tracker.seek`: where the connection may be, if it is not new.
  var candidate = Slot.none

  @inline(__always)
  var key: FlowKey {
    let isInOrder = sender == .first
    return FlowKey(
      first: isInOrder ? segment.source : segment.destination,
      second: isInOrder ? segment.destination : segment.source,
      scope: segment.scope,
      namespace: namespace
    )
  }

  /// Where among the octets of its batch the payload that may be looked at stands.
  @inline(__always)
  var payload: Range<Int> { Int(payloadStart)..<Int(payloadStart) + Int(payloadCount) }

  /// Notes whose the segment is.
  @inline(__always)
  mutating func noteEnds() {
    let narrow = segment.scope == 0 && namespace == 0 ? IPv4Ends(of: segment) : nil
    ends = narrow ?? .none
    isWide = narrow == nil
  }
}
