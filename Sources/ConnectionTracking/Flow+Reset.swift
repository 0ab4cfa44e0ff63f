internal import PacketDecoding

extension Flow {
  /// An RST ends a connection when it hits the left edge of the receiver's window (RFC 5961, 3.2); in TIME_WAIT it
  /// frees the port and leaves the verdict (`tcp_rfc1337` = 0).
  mutating func takeReset(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    if segment.flags.isSYN || segment.flags.isFIN { effect.note(.synWithFINOrRST) }
    detail[sender].lastRST = segment.sequence
    let receiver = self[sender.other]
    if receiver.phase == .synSent, !traits.isAnswered {
      refuse(segment, from: sender, detail, &effect)
      return
    }
    guard let verdict = acceptsReset(segment, from: sender) else {
      noteMissingTimeWait(segment, of: sender, detail)
      self[sender].marks.sentRST = true
      end(by: sender)
      return
    }
    effect.note(verdict)
  }

  /// Nil when it is accepted, otherwise what is odd about it.
  private func acceptsReset(_ segment: Segment, from sender: End) -> Anomaly? {
    let (source, receiver) = (self[sender], self[sender.other])
    // TIME_WAIT takes an RST at exactly one number, and answers no other.
    if receiver.phase == .timeWait, source.marks.hasNext {
      return segment.sequence == source.next ? nil : .outsideWindow
    }
    if source.marks.hasNext, segment.sequence == source.next { return nil }
    guard receiver.marks.hasAcknowledged else { return source.marks.hasNext ? .outsideWindow : nil }
    if segment.sequence == receiver.acknowledged { return nil }
    if segment.sequence.precedes(receiver.acknowledged) { return .outsideWindow }
    if source.marks.hasNext, segment.sequence.precedes(source.next) { return nil }
    let edge = receiver.acknowledged &+ receiver.receiveWindow
    return segment.sequence.precedes(edge) ? .inexactReset : .outsideWindow
  }

  /// An RST without ACK is the answer of an end without a socket. In answer to the peer's FIN it says that there never
  /// was a TIME_WAIT: too many of them (`tcp_max_tw_buckets`), or a FIN_WAIT_2 that was over.
  private mutating func noteMissingTimeWait(_ segment: Segment, of sender: End, _ detail: FlowDetail) {
    guard self[sender].phase == .timeWait, !segment.flags.isACK, self[sender.other].marks.sentFIN,
      self[sender].acknowledged.precedes(detail[sender.other].finEnd)
    else { return }
    self[sender].marks.heldTimeWait = false
  }

  /// An RST in answer to a SYN must acknowledge it (RFC 9293, 3.10.7.3).
  private mutating func refuse(
    _ segment: Segment,
    from sender: End,
    _ detail: FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    let receiver = self[sender.other]
    // Data with the SYN (TCP Fast Open) may be acknowledged or not.
    guard segment.flags.isACK, !segment.acknowledgment.precedes(detail[sender.other].base),
      !receiver.next.precedes(segment.acknowledgment)
    else {
      effect.note(.outsideWindow)
      return
    }
    self[sender].marks.sentRST = true
    move(.rst, sentBy: sender)
    if closeKind == .none { closeKind = .refused }
  }

  private mutating func end(by sender: End) {
    let wasClosing = closeKind != .none
    move(.rst, sentBy: sender)
    guard !wasClosing else { return }
    closeKind = .rst
    if closedFirst == .none, traits.isAnswered { closedFirst = ClosedFirst(role(of: sender)) }
  }
}
