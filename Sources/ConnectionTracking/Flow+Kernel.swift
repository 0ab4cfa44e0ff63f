internal import PacketDecoding

extension Flow {
  /// Takes over what the kernel says of the local end; the peer's state follows from it.
  ///
  /// - Parameter keepsPeer: the peer is local too, and its own entry tells.
  mutating func adopt(_ phase: Phase, of end: End, keepsPeer: Bool) {
    self[end].phase = phase
    quiet = QuietMarks()
    if phase == .timeWait { self[end].marks.heldTimeWait = true }
    if !keepsPeer { self[end.other].phase = phase.likelyPeer }
    traits.isAnswered = traits.isAnswered || phase != .synSent
    noteClose(phase, of: end)
  }

  /// Who closed first, where the state tells, unless packets have told before.
  private mutating func noteClose(_ phase: Phase, of end: End) {
    if closedFirst == .none, closeKind == .none {
      switch phase {
      case .finWait1, .finWait2, .timeWait: closedFirst = ClosedFirst(role(of: end))
      case .closeWait, .lastAck: closedFirst = ClosedFirst(role(of: end.other))
      case .closing: closedFirst = .simultaneous
      case .closed, .listen, .synSent, .synReceived, .established: break
      }
    }
    guard closeKind == .none else { return }
    switch phase {
    case .timeWait, .lastAck, .closing: closeKind = .fin
    case .closed, .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait: break
    }
  }

  /// Learns from the first segments of a connection that came from the kernel's table where the FINs stand of which the
  /// states tell: what its sender sent before it, and what it acknowledges.
  mutating func learnFINs(from segment: Segment, sender: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    let receiver = sender.other
    unfold(&detail, &rare)
    defer { fold(&detail, &rare) }
    if self[sender].phase.hasFINAcknowledged || self[sender].phase == .lastAck, !self[sender].marks.sentFIN,
      segment.sequenceLength == 0, !segment.flags.isRST
    {
      placeFIN(of: sender, endingAt: segment.sequence, &detail, &rare)
    }
    if self[receiver].phase.hasFINAcknowledged, !self[receiver].marks.sentFIN, segment.flags.isACK {
      placeFIN(of: receiver, endingAt: segment.acknowledgment, &detail, &rare)
    }
  }

  private mutating func placeFIN(
    of end: End,
    endingAt number: SequenceNumber,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    if !self[end].marks.hasNext { start(end, at: number, &detail) }
    self[end].marks.sentFIN = true
    self[end].marks.finDelivered = true
    rare.closing[end].finEnd = number
    rare.closing[end].finAcknowledgment = segmentlessAcknowledgment(of: end)
  }

  /// The best that is known of what an end's unseen FIN acknowledged: nothing newer than its last ACK.
  private func segmentlessAcknowledgment(of end: End) -> SequenceNumber {
    self[end].marks.hasAcknowledged ? self[end].acknowledged : self[end.other].next
  }

  /// Whether it had a segment at or after `moment`.
  func isActive(since moment: Instant) -> Bool {
    Int32(bitPattern: lastSeen &- moment.milliseconds) >= 0
  }

  /// Whether an end's address is of this host, so that its kernel should know it.
  func isLocal(_ end: End) -> Bool {
    localSide.locality(of: role(of: end)) == .local
  }

  func isLocalTimeWait(_ end: End) -> Bool { self[end].phase == .timeWait && isLocal(end) }
}
