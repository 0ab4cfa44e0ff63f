internal import PacketDecoding

/// TIME_WAIT as Linux keeps it (tcp_timewait_state_process in net/ipv4/tcp_minisocks.c).
extension Flow {
  /// Whether a segment gives a receiver in TIME_WAIT another 60 seconds.
  ///
  /// No window is checked there: whatever carries an ACK is answered and renews, be it old or new. A SYN alone may be
  /// an old duplicate and does not, unless its timestamp says so.
  @inline(__always)
  func renewsTimeWait(_ segment: Segment, from sender: End, _ source: FlowEndDetail) -> Bool {
    guard !segment.flags.isRST else { return false }
    if segment.flags.isACK || source.isOlder(segment) { return true }
    return segment.sequenceLength == 0 && segment.sequence == self[sender].next
  }

  /// Whether a receiver in TIME_WAIT gives way to a new connection: for a SYN beyond all it received, or one with a
  /// newer timestamp.
  func timeWaitYields(to segment: Segment, from sender: End, _ detail: inout FlowDetail) -> Bool {
    guard !detail[sender].isOlder(segment) else { return false }
    // Of a TIME_WAIT that the kernel's table told of no number is known.
    guard self[sender].marks.hasNext else { return true }
    return self[sender].next.precedes(segment.sequence) || detail[sender].isNewer(segment)
  }

  /// Starts the 60 seconds of an end that entered TIME_WAIT or whose TIME_WAIT a segment renewed.
  @inline(__always)
  mutating func armTimeWait(
    _ effect: SegmentEffect,
    from sender: End,
    _ closing: inout FlowClosing,
    until deadline: Instant
  ) {
    armTimeWait(of: sender, isRenewed: effect.rearmsSender, &closing, until: deadline)
    armTimeWait(of: sender.other, isRenewed: effect.rearmsReceiver, &closing, until: deadline)
  }

  @inline(__always)
  private func armTimeWait(of end: End, isRenewed: Bool, _ closing: inout FlowClosing, until deadline: Instant) {
    guard self[end].phase == .timeWait, isRenewed || closing[end].timeWaitEnd.nanoseconds == 0 else { return }
    closing[end].timeWaitEnd = deadline
  }

  /// When the first TIME_WAIT is taken away.
  @inline(__always)
  mutating func earliestTimeWaitEnd(_ closing: inout FlowClosing, _ timer: TimeWaitTimer) -> Instant {
    var earliest = Instant(nanoseconds: .max)
    if first.phase == .timeWait { earliest = min(earliest, closing[.first].timeWaitEnd) }
    if second.phase == .timeWait { earliest = min(earliest, closing[.second].timeWaitEnd) }
    return earliest.nanoseconds == .max ? earliest : timer.end(ofTimeWaitDueAt: earliest)
  }

  /// Remembers the timestamp that the receiver holds later ones against (TS.Recent of RFC 7323, 4.3): that of a segment
  /// that begins no later than what the receiver acknowledged.
  @inline(__always)
  mutating func noteTimestamp(_ segment: Segment, from sender: End, _ source: inout FlowEndDetail) {
    guard !segment.flags.isRST, !source.isOlder(segment) else { return }
    let receiver = self[sender.other]
    if receiver.marks.hasAcknowledged, receiver.acknowledged.precedes(segment.sequence) { return }
    source.recentTimestamp = segment.options.timestampValue
    source.sentTimestamps = true
  }
}

extension FlowEndDetail {
  /// Whether PAWS rejects it.
  @inline(__always)
  func isOlder(_ segment: Segment) -> Bool { timestampAdvance(of: segment) < 0 }
  @inline(__always)
  func isNewer(_ segment: Segment) -> Bool { timestampAdvance(of: segment) > 0 }

  /// 0 when either side of the comparison lacks a timestamp.
  @inline(__always)
  private func timestampAdvance(of segment: Segment) -> Int32 {
    guard sentTimestamps, segment.options.present.timestamps else { return 0 }
    return Int32(bitPattern: segment.options.timestampValue &- recentTimestamp)
  }
}
