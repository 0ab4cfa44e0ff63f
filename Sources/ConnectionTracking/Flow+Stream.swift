internal import PacketDecoding

extension Flow {
  /// A segment with neither SYN nor RST: data, an acknowledgment, a FIN, a keep-alive probe.
  mutating func takeStream(
    _ segment: Segment,
    isNews: Bool,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    if segment.options.present.timestamps, segment.sequenceLength > 0, detail[sender].isOlder(segment) {
      effect.note(.oldTimestamp)
      noteStray(segment, from: sender, &rare)
      return
    }
    if !self[sender].marks.hasNext { start(sender, at: segment.sequence, &detail) }
    guard isInWindow(segment, from: sender), !segment.flags.isFIN || isCredible(segment, from: sender),
      !isDoubtful(segment, from: sender, &rare)
    else {
      effect.note(.outsideWindow)
      noteStray(segment, from: sender, &rare)
      return
    }
    takeSequence(segment, isNews: isNews, from: sender, &detail, &rare, &effect)
    if segment.flags.isACK, self[sender].phase == .synSent { assumeAnswer(from: sender.other) }
    if segment.flags.isACK { noteAcknowledgment(segment, from: sender, &detail, &rare, &effect) }
    if segment.flags.isFIN || self[sender].marks.sentFIN {
      Course.lend(&self, &detail, from: sender) { course in
        if segment.flags.isFIN { course.takeFIN(segment, &rare.closing) }
        course.deliverFIN(&rare.closing)
      }
    }
    if closedFirst == .none, first.marks.sentFIN != second.marks.sentFIN { claimFirstClose(&detail, &rare.closing) }
  }

  private mutating func noteStray(_ segment: Segment, from sender: End, _ rare: inout FlowRarities) {
    rare.oddities[sender].strayEnd = segment.sequenceEnd
    traits.hasStray = true
    guard !self[sender].marks.sentFIN else { return }
    rare.oddities[sender].hasStrayFIN = segment.flags.isFIN
    if segment.flags.isFIN { rare.closing[sender].finAcknowledgment = segment.acknowledgment }
  }

  /// Who goes on from its SYN with an ACK has had a SYN-ACK, also when the capture has not.
  private mutating func assumeAnswer(from peer: End) {
    traits.isAnswered = true
    move(.synAck, sentBy: peer)
  }

  /// Whether the receiver could take it (RFC 9293, 3.10.7.4), as far as its ACKs were seen.
  ///
  /// What continues the sender's stream is always believed: its ACKs may have been missed. What is old is harmless.
  @inline(__always)
  private func isInWindow(_ segment: Segment, from sender: End) -> Bool {
    let receiver = self[sender.other]
    guard receiver.marks.hasAcknowledged, segment.sequence != self[sender].next else { return true }
    let beyond = segment.sequence.distance(from: receiver.acknowledged &+ receiver.receiveWindow)
    return beyond <= 0
  }

  /// Whether a FIN may be its sender's own: guessed ones are sent by the thousand to end other people's connections.
  ///
  /// Nothing follows a FIN, so none ends before what the receiver acknowledged. One that does not continue its sender's
  /// stream must acknowledge what the receiver sent (RFC 5961, 5.2), as far as that was seen; where the capture missed
  /// what came before in both directions, the receiver's ACK tells that it was genuine.
  private func isCredible(_ segment: Segment, from sender: End) -> Bool {
    let (own, receiver) = (self[sender], self[sender.other])
    guard segment.sequence != own.next, segment.sequenceEnd != own.next &+ 1 else { return true }
    if receiver.marks.hasAcknowledged, segment.sequenceEnd.precedes(receiver.acknowledged) { return false }
    guard segment.flags.isACK, receiver.packets > 0, receiver.marks.hasNext else { return true }
    if receiver.next.precedes(segment.acknowledgment) { return false }
    guard own.marks.hasAcknowledged else { return true }
    return segment.acknowledgment.distance(from: own.acknowledged) >= -own.largestWindow
  }

  /// Whether a segment ahead of its sender's stream may be made up: who sends enough guesses hits the window. Then what
  /// it acknowledges is no guide (RFC 5961, 5.2): it is older than the sender's last ACK, or was not seen to be sent.
  ///
  /// Where the capture missed what came before in both directions, the receiver's answer tells that it was genuine, or
  /// more of the same stream does. Of one direction alone nothing else is known, and it is believed.
  @inline(__always)
  private func isDoubtful(_ segment: Segment, from sender: End, _ rare: inout FlowRarities) -> Bool {
    let (own, receiver) = (self[sender], self[sender.other])
    guard own.next.precedes(segment.sequence), segment.flags.isACK, own.marks.hasAcknowledged,
      receiver.packets > 0, receiver.marks.hasNext
    else { return false }
    let number = segment.acknowledgment
    guard number.precedes(own.acknowledged) || receiver.next.precedes(number) else { return false }
    guard traits.hasStray else { return true }
    let isAnswer = rare.oddities[sender.other].strayEnd == number
    let goesOn = segment.payloadLength > 0 && rare.oddities[sender].strayEnd == segment.sequence
    return !isAnswer && !goesOn
  }

  // MARK: Sequence space

  private mutating func takeSequence(
    _ segment: Segment,
    isNews: Bool,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    let next = self[sender].next
    let length = segment.sequenceLength
    let ahead = segment.sequenceEnd.distance(from: next)
    if self[sender].marks.sentFIN, ahead > 0 {
      effect.note(.dataAfterFIN)
    } else if ahead > 0 {
      if next.precedes(segment.sequence) { miss(from: next, to: segment.sequence, of: sender, &rare) }
      advance(sender, to: segment.sequenceEnd, &detail, &rare)
    } else if length > 0, !fillsMissing(segment, of: sender, &rare), !isNews, !segment.isKeepAliveProbe(next: next) {
      rare.oddities[sender].retransmits &+= 1
    }
  }

  private mutating func miss(
    from start: SequenceNumber,
    to end: SequenceNumber,
    of sender: End,
    _ rare: inout FlowRarities
  ) {
    rare.oddities[sender].missing.add(from: start, to: end)
    self[sender].marks.isMissingSome = true
  }

  private mutating func fillsMissing(_ segment: Segment, of sender: End, _ rare: inout FlowRarities) -> Bool {
    guard self[sender].marks.isMissingSome else { return false }
    defer { self[sender].marks.isMissingSome = !rare.oddities[sender].missing.isEmpty }
    return rare.oddities[sender].missing.fill(from: segment.sequence, to: segment.sequenceEnd)
  }

  // MARK: Acknowledgments

  mutating func noteAcknowledgment(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    let number = segment.acknowledgment
    let peer = sender.other
    if !self[peer].marks.hasNext {
      start(peer, at: number, &detail)
    } else if self[peer].next.precedes(number) {
      guard believes(number, from: sender, segment, &rare) else {
        effect.note(.outsideWindow)
        return
      }
      // An end that was never seen misses nothing: the capture holds one direction.
      if self[peer].packets > 0 {
        effect.note(.captureGap)
        miss(from: self[peer].next, to: number, of: peer, &rare)
      }
      advance(peer, to: number, &detail, &rare)
      takeStrayFIN(of: peer, endingAt: number, &detail, &rare)
    }
    if self[sender].take(acknowledgment: number, &detail[sender]), self[sender].phase == .timeWait {
      effect.rearmsSender = Course.lend(&self, &detail, from: sender) { course in
        course.isLastAcknowledgment(number, &rare.closing)
      }
    }
    self[sender].window = segment.window
    settle(from: sender, &detail, &rare)
  }

  /// Whether an ACK of something that was not seen is to be believed: it stands in a segment that continues its
  /// sender's own stream, which nobody off the path can forge, or acknowledges a segment that looked out of the window.
  @inline(__always)
  private func believes(
    _ number: SequenceNumber,
    from sender: End,
    _ segment: Segment,
    _ rare: inout FlowRarities
  ) -> Bool {
    if traits.hasStray, rare.oddities[sender.other].strayEnd == number { return true }
    return segment.sequenceEnd == self[sender].next
  }

  /// The receiver acknowledged a FIN that was not believed.
  private mutating func takeStrayFIN(
    of end: End,
    endingAt number: SequenceNumber,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    guard rare.oddities[end].hasStrayFIN, rare.oddities[end].strayEnd == number, !self[end].marks.sentFIN else {
      return
    }
    Course.lend(&self, &detail, from: end) { $0.noteFIN(endingAt: number, &rare.closing) }
  }

  /// What an acknowledgment settles: missing ranges that the peer has all the same, its SYN, its FIN.
  mutating func settle(from sender: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    let peer = sender.other
    let number = self[sender].acknowledged
    if self[peer].marks.isMissingSome {
      if rare.oddities[peer].missing.acknowledge(upTo: number) { noteGap(of: peer, &detail, &rare) }
      self[peer].marks.isMissingSome = !rare.oddities[peer].missing.isEmpty
    }
    if self[peer].awaitsAcknowledgment(ofSYNBefore: detail[peer].base, number) {
      move(.synAcknowledged, sentBy: sender)
    }
    if self[peer].marks.sentFIN { Course.lend(&self, &detail, from: sender) { $0.settleFIN(&rare.closing) } }
  }
}
