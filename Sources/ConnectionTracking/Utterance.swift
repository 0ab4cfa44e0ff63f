internal import PacketDecoding

/// New octets of one direction, in order.
struct Utterance {
  /// Where they begin.
  var sequence: SequenceNumber
  /// On the wire; the capture may hold fewer.
  var length: Int
  /// Octets before them that were not seen.
  var missing: Int
  /// They were sent before what was heard last.
  var isLate: Bool
  var now: Instant
  var peerSentFIN: Bool
}

extension Utterance {
  /// The payload of a segment that was taken quietly.
  @inline(__always)
  init(quiet segment: Segment, at now: Instant) {
    self.init(
      sequence: segment.sequence,
      length: Int(segment.payloadLength),
      missing: 0,
      isLate: false,
      now: now,
      peerSentFIN: false
    )
  }
}
