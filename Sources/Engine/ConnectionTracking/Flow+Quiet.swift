/// Most segments change nothing but counters: the next data or acknowledgment of a connection that is established and
/// misses nothing. These marks say for which segments that is certain, so that `FlowDetail` is not even read.
///
/// Whatever takes a segment the long way leaves them as they are right after it.
struct QuietMarks: Sendable, BitwiseCopyable {
  private var bits: UInt8 = 0

  @inline(__always)
  private static func bit(_ end: End, sendsData: Bool) -> UInt8 {
    1 << (end.rawValue << 1 | (sendsData ? 1 : 0))
  }

  @inline(__always)
  func allow(_ end: End, sendsData: Bool) -> Bool { bits & Self.bit(end, sendsData: sendsData) != 0 }

  mutating func insert(_ end: End, sendsData: Bool) { bits |= Self.bit(end, sendsData: sendsData) }
}

extension Flow {
  /// Notes after a segment which ones can be taken quietly from now on.
  @inline(__always)
  mutating func noteQuiet(_ detail: FlowDetail) {
    quiet = QuietMarks()
    guard first.isSettled, second.isSettled else { return }
    for end in [End.first, .second] where detail[end].observed != .inactive {
      if detail[end].once.contains(.data) { quiet.insert(end, sendsData: true) }
      if detail[end].once.contains(.ack) { quiet.insert(end, sendsData: false) }
    }
  }

  /// Takes a segment that does no more than go on: in order, with a window, and acknowledging nothing unseen.
  ///
  /// The same as `take`, which does it when this returns false and changes nothing.
  @inline(__always)
  mutating func takeQuietly(_ segment: Segment, from sender: End, interface: UInt8) -> Bool {
    let own = self[sender]
    let end = segment.sequence &+ segment.payloadLength
    guard segment.flags.isPlainACK, quiet.allow(sender, sendsData: segment.payloadLength > 0),
      segment.sequence == own.next, end.rawValue >= own.next.rawValue, segment.payloadLength <= Self.longestQuiet,
      segment.window != 0, segment.checksum != .bad, own.packets != .max, self[interfaceOf: sender] == interface,
      !self[sender.other].next.precedes(segment.acknowledgment)
    else { return false }
    self[sender].next = end
    if own.acknowledged.precedes(segment.acknowledgment) { self[sender].acknowledged = segment.acknowledgment }
    self[sender].window = segment.window
    self[sender].packets = own.packets &+ 1
    return true
  }

  /// Far from half the sequence space, where order turns.
  private static let longestQuiet: UInt32 = 1 << 24
}

extension FlowEnd {
  /// Established, with both its numbers known, and nothing of it missing.
  fileprivate var isSettled: Bool {
    phase == .established && marks.hasNext && marks.hasAcknowledged && !marks.hasHole && !marks.sentFIN
      && !marks.sentRST
  }
}
