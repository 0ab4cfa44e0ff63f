internal import PacketDecoding

extension Flow {
  /// An RST ends a connection when it hits the left edge of the receiver's window (RFC 5961, 3.2); in TIME_WAIT it
  /// frees the port and leaves the verdict (`tcp_rfc1337` = 0).
  mutating func takeReset(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    if segment.flags.isSYN || segment.flags.isFIN { effect.note(.synWithFINOrRST) }
    let receiver = self[sender.other]
    if receiver.phase == .synSent, !traits.isAnswered {
      refuse(segment, from: sender, &detail, &rare, &effect)
      return
    }
    if let verdict = refusesReset(segment, from: sender, &detail, &rare) {
      effect.note(verdict)
      return
    }
    if self[sender].phase == .timeWait {
      // A TIME_WAIT sends no RST: there was none (`tcp_max_tw_buckets` was reached, or FIN_WAIT_2 had timed out
      // before).
      self[sender].marks.heldTimeWait = false
      effect.note(.timeWaitSkipped)
    }
    self[sender].marks.sentRST = true
    end(by: sender, &detail, &rare)
  }

  /// What is odd about it when it is not accepted.
  private func refusesReset(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) -> Anomaly? {
    let (source, receiver) = (self[sender], self[sender.other])
    if receiver.phase == .timeWait, source.marks.hasNext {
      let isExact = segment.sequence == source.next && !detail[sender].isOlder(segment)
      return isExact ? nil : .inexactReset
    }
    if source.marks.hasNext, segment.sequence == source.next { return nil }
    guard receiver.marks.hasAcknowledged else { return source.marks.hasNext ? .outsideWindow : nil }
    if segment.sequence == receiver.acknowledged { return nil }
    if segment.sequence.precedes(receiver.acknowledged) { return .outsideWindow }
    if source.marks.hasNext, segment.sequence.precedes(source.next) { return nil }
    let edge = receiver.acknowledged &+ receiver.receiveWindow
    return segment.sequence.precedes(edge) ? .inexactReset : .outsideWindow
  }

  /// An RST in answer to a SYN must acknowledge it (RFC 9293, 3.10.7.3).
  private mutating func refuse(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
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

  private mutating func end(by sender: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    let wasClosing = closeKind != .none
    move(.rst, sentBy: sender)
    guard !wasClosing else { return }
    defer { closeKind = .rst }
    if closedFirst == .none { claimFirstClose(&detail, &rare.closing) }
    // An RST ends both ends at once; whether an unseen FIN came before it, one direction alone does not tell.
    guard closedFirst == .none, traits.isAnswered, first.marks.sentFIN == second.marks.sentFIN else { return }
    closedFirst = ClosedFirst(role(of: sender))
  }
}
