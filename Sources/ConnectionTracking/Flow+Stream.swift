internal import PacketDecoding

extension Flow {
  /// A segment with neither SYN nor RST: data, an acknowledgment, a FIN, a keep-alive probe.
  mutating func takeStream(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    if !self[sender].marks.hasNext { start(sender, at: segment.sequence, &detail) }
    // Whatever a TIME_WAIT answers or takes without an answer starts it anew; a FIN without ACK it only answers.
    effect.rearmsReceiver = segment.flags.isACK || !segment.flags.isFIN
    guard isInWindow(segment, from: sender) else {
      effect.note(.outsideWindow)
      detail[sender].strayEnd = segment.sequenceEnd
      traits.hasStray = true
      return
    }
    takeSequence(segment, from: sender, &detail, &effect)
    let isLastACK = isLastACK(segment, from: sender)
    if segment.flags.isACK, self[sender].phase == .synSent { assumeAnswer(from: sender.other) }
    if segment.flags.isACK { noteAcknowledgment(segment, from: sender, &detail, &effect) }
    if segment.flags.isFIN { takeFIN(segment, from: sender, &detail) }
    deliverFIN(of: sender, detail)
    effect.rearmsSender = isLastACK
  }

  /// Who goes on from its SYN with an ACK has had a SYN-ACK, also when the capture has not.
  private mutating func assumeAnswer(from peer: End) {
    traits.isAnswered = true
    move(.synAck, sentBy: peer)
  }

  /// Whether the receiver could take it (RFC 9293, 3.10.7.4), as far as its ACKs were seen.
  ///
  /// What continues the sender's stream is always believed: its ACKs may have been missed. What is old is harmless.
  private func isInWindow(_ segment: Segment, from sender: End) -> Bool {
    let receiver = self[sender.other]
    guard receiver.marks.hasAcknowledged, segment.sequence != self[sender].next else { return true }
    let beyond = segment.sequence.distance(from: receiver.acknowledged &+ receiver.receiveWindow)
    return beyond <= 0
  }

  /// The final ACK, from which its sender's TIME_WAIT counts: the first to acknowledge the peer's FIN. Later ones answer
  /// something, and it depends on that whether the time starts anew.
  private func isLastACK(_ segment: Segment, from sender: End) -> Bool {
    guard segment.flags.isACK, segment.sequenceLength == 0 else { return false }
    let own = self[sender]
    return !own.marks.hasAcknowledged || own.acknowledged.precedes(segment.acknowledgment)
  }

  // MARK: Sequence space

  private mutating func takeSequence(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    let next = self[sender].next
    let length = segment.sequenceLength
    let ahead = segment.sequenceEnd.distance(from: next)
    if self[sender].marks.sentFIN, ahead > 0 {
      effect.note(.dataAfterFIN)
    } else if ahead > 0 {
      if next.precedes(segment.sequence) { openHole(of: sender, upTo: segment.sequence, &detail) }
      advance(sender, to: segment.sequenceEnd, &detail)
    } else if length > 0, !fillHole(of: sender, with: segment, &detail), !isKeepAlive(segment, next: next) {
      detail[sender].retransmits &+= 1
    }
  }

  /// One octet, or none, just before what comes next: REFERENCE of the rule is Wireshark's.
  private func isKeepAlive(_ segment: Segment, next: SequenceNumber) -> Bool {
    segment.payloadLength <= 1 && !segment.flags.isFIN && segment.sequence &+ 1 == next
  }

  private mutating func openHole(of sender: End, upTo end: SequenceNumber, _ detail: inout FlowDetail) {
    if !self[sender].marks.hasHole {
      self[sender].marks.hasHole = true
      detail[sender].holeStart = self[sender].next
    }
    detail[sender].holeEnd = end
  }

  /// True when the segment holds some of what was missing.
  private mutating func fillHole(of sender: End, with segment: Segment, _ detail: inout FlowDetail) -> Bool {
    guard self[sender].marks.hasHole else { return false }
    let (start, end) = (detail[sender].holeStart, detail[sender].holeEnd)
    guard segment.sequence.precedes(end), start.precedes(segment.sequenceEnd) else { return false }
    if !start.precedes(segment.sequence) {
      detail[sender].holeStart = segment.sequenceEnd
    } else if !segment.sequenceEnd.precedes(end) {
      detail[sender].holeEnd = segment.sequence
    }
    if !detail[sender].holeStart.precedes(detail[sender].holeEnd) { self[sender].marks.hasHole = false }
    return true
  }

  // MARK: Acknowledgments

  mutating func noteAcknowledgment(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    let number = segment.acknowledgment
    let peer = sender.other
    if !self[peer].marks.hasNext {
      start(peer, at: number, &detail)
    } else if self[peer].next.precedes(number) {
      guard believes(number, from: sender, segment, detail) else {
        effect.note(.outsideWindow)
        return
      }
      // An end that was never seen misses nothing: the capture holds one direction.
      if self[peer].packets > 0 {
        effect.note(.captureGap)
        openHole(of: peer, upTo: number, &detail)
      }
      advance(peer, to: number, &detail)
    }
    if !self[sender].marks.hasAcknowledged || self[sender].acknowledged.precedes(number) {
      self[sender].acknowledged = number
      self[sender].marks.hasAcknowledged = true
    }
    self[sender].window = segment.window
    settle(segment, from: sender, &detail)
  }

  /// Whether an ACK of something that was not seen is to be believed: it stands in a segment that continues its
  /// sender's own stream, which nobody off the path can forge, or acknowledges a segment that looked out of the window.
  private func believes(
    _ number: SequenceNumber,
    from sender: End,
    _ segment: Segment,
    _ detail: FlowDetail
  ) -> Bool {
    if traits.hasStray, detail[sender.other].strayEnd == number { return true }
    return segment.sequenceEnd == self[sender].next
  }

  /// What an acknowledgment settles: missing ranges that the peer has all the same, its SYN, its FIN.
  private mutating func settle(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    let peer = sender.other
    let number = self[sender].acknowledged
    if self[peer].marks.hasHole, !number.precedes(detail[peer].holeEnd) {
      self[peer].marks.hasHole = false
      detail[peer].gaps &+= 1
      // At the very end gaps are not reliable: Zeek does not note those.
      if !segment.flags.isFIN { noteRepeated(.gap, detail[peer].gaps, by: peer, &detail) }
    }
    if self[peer].phase == .synReceived || self[peer].phase == .synSent, !number.precedes(detail[peer].base) {
      move(.synAcknowledged, sentBy: sender)
    }
    guard self[peer].marks.sentFIN, !number.precedes(detail[peer].finEnd) else { return }
    deliverFIN(of: peer, detail)
    move(.finAcknowledged, sentBy: sender)
  }

  // MARK: FIN

  private mutating func takeFIN(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard !self[sender].marks.sentFIN else { return }
    self[sender].marks.sentFIN = true
    detail[sender].finEnd = segment.sequenceEnd
    detail[sender].finAcknowledgment = segment.flags.isACK ? segment.acknowledgment : self[sender].acknowledged
    move(sender, crossesPeersFIN(sender, detail) ? .finCrossing : .fin, .sent)
    decideWhoClosedFirst(latest: sender, detail)
  }

  /// Whether `sender`'s FIN was sent before the peer's FIN reached it.
  private func crossesPeersFIN(_ sender: End, _ detail: FlowDetail) -> Bool {
    self[sender.other].marks.sentFIN && detail[sender].finAcknowledgment.precedes(detail[sender.other].finEnd)
  }

  /// By what the FINs acknowledge, not by arrival: neither acknowledges the other in a simultaneous close, and where
  /// the second to arrive was sent first, the first acknowledges it.
  private mutating func decideWhoClosedFirst(latest: End, _ detail: FlowDetail) {
    guard closeKind == .none, traits.isAnswered else { return }
    let earlier = latest.other
    guard self[earlier].marks.sentFIN else {
      closedFirst = ClosedFirst(role(of: latest))
      return
    }
    let latestCrosses = crossesPeersFIN(latest, detail)
    let earlierCrosses = crossesPeersFIN(earlier, detail)
    closedFirst =
      switch (earlierCrosses, latestCrosses) {
      case (true, true): .simultaneous
      case (false, true): ClosedFirst(role(of: latest))
      case (true, false), (false, false): ClosedFirst(role(of: earlier))
      }
    closeKind = .fin
  }

  /// Hands a FIN to the peer once nothing is missing before it.
  private mutating func deliverFIN(of sender: End, _ detail: FlowDetail) {
    guard self[sender].marks.sentFIN, !self[sender].marks.finDelivered, !self[sender].marks.hasHole else { return }
    self[sender].marks.finDelivered = true
    let crosses = self[sender.other].marks.sentFIN && crossesPeersFIN(sender, detail)
    move(sender.other, crosses ? .finCrossing : .fin, .received)
  }
}

extension ClosedFirst {
  init(_ role: Role) {
    self = role == .client ? .client : .server
  }
}
