internal import PacketDecoding

/// What FINs do, as their sender's segment sees it.
extension Course {
  @inline(__always)
  func takeFIN(_ segment: Segment, _ closing: inout FlowClosing) {
    guard !own.marks.sentFIN else { return }
    closing[sender].finAcknowledgment = segment.flags.isACK ? segment.acknowledgment : own.acknowledged
    noteFIN(endingAt: segment.sequenceEnd, &closing)
  }

  /// Takes a FIN whose acknowledgment is noted.
  @inline(__always)
  func noteFIN(endingAt number: SequenceNumber, _ closing: inout FlowClosing) {
    own.marks.sentFIN = true
    closing[sender].finEnd = number
    let event = finEvent(&closing)
    own.take(event, .sent)
    if peer.marks.sentFIN { decideWhoClosedFirst(event) }
  }

  /// Hands a FIN to the peer once nothing is missing before it.
  @inline(__always)
  func deliverFIN(_ closing: inout FlowClosing) {
    guard own.marks.sentFIN, !own.marks.finDelivered, !own.marks.isMissingSome else { return }
    own.marks.finDelivered = true
    peer.take(finEvent(&closing), .received)
  }

  @inline(__always)
  private func finEvent(_ closing: inout FlowClosing) -> Event {
    guard crossesPeersFIN(&closing) else { return .fin }
    return seenByPeer.crossesPeersFIN(&closing) ? .finCrossing : .finOvertaken
  }

  /// Whether the sender's FIN was sent before the peer's FIN reached it.
  @inline(__always)
  private func crossesPeersFIN(_ closing: inout FlowClosing) -> Bool {
    peer.marks.sentFIN && closing[sender].finAcknowledgment.precedes(closing[sender.other].finEnd)
  }

  /// Settles the peer's FIN, if the sender has acknowledged it.
  @inline(__always)
  func settleFIN(_ closing: inout FlowClosing) {
    guard peer.marks.sentFIN, !own.acknowledged.precedes(closing[sender.other].finEnd) else { return }
    seenByPeer.deliverFIN(&closing)
    move(.finAcknowledged)
  }

  /// Whether it is the sender's first ACK of the peer's FIN, with which its TIME_WAIT begins; of crossing FINs each end
  /// acknowledged the other's before its TIME_WAIT.
  @inline(__always)
  func isLastAcknowledgment(_ number: SequenceNumber, _ closing: inout FlowClosing) -> Bool {
    guard peer.marks.sentFIN else { return false }
    return !number.precedes(closing[sender.other].finEnd) && !seenByPeer.crossesPeersFIN(&closing)
  }

  // MARK: Who closed first

  /// By what the FINs acknowledge, not by arrival: neither acknowledges the other in a simultaneous close, and where
  /// the second to arrive was sent first, the first acknowledges it.
  ///
  /// - Parameter event: what the second to arrive, the sender's, was.
  @inline(__always)
  private func decideWhoClosedFirst(_ event: Event) {
    guard flow.closeKind == .none, flow.traits.isAnswered else { return }
    flow.closedFirst =
      switch event {
      case .finCrossing: .simultaneous
      case .finOvertaken: ClosedFirst(flow.role(of: sender))
      default: ClosedFirst(flow.role(of: sender.other))
      }
    flow.closeKind = .fin
  }
}

extension Flow {
  /// One FIN so far: its sender closed first, as far as that can be known.
  ///
  /// One direction alone tells of the other by what it acknowledges. When the peer's stream went on after the FIN, the
  /// peer had not closed before; when the last that was acknowledged before was one octet, that was the peer's FIN.
  /// Picked up midway, even silence proves nothing.
  @inline(__always)
  mutating func claimFirstClose(_ detail: inout FlowDetail, _ closing: inout FlowClosing) {
    guard first.marks.sentFIN != second.marks.sentFIN else { return }
    let closer = first.marks.sentFIN ? End.first : .second
    Course.lend(&self, &detail, from: closer) { course in course.claimFirstClose(&closing) }
  }
}

extension Course {
  /// The sender alone has sent a FIN.
  @inline(__always)
  func claimFirstClose(_ closing: inout FlowClosing) {
    guard flow.traits.isAnswered, flow.closeKind == .none else { return }
    if peer.packets > 0 || wentOn(&closing) || flow.traits.rolesObserved && !ownDetail.acknowledgedOneMore {
      flow.closedFirst = ClosedFirst(flow.role(of: sender))
    }
  }

  /// Whether the peer's stream went on after the sender's FIN.
  @inline(__always)
  private func wentOn(_ closing: inout FlowClosing) -> Bool {
    own.marks.hasAcknowledged && closing[sender].finAcknowledgment.precedes(own.acknowledged)
  }
}

extension ClosedFirst {
  @inlinable @inline(__always)
  package init(_ role: Role) {
    self = role == .client ? .client : .server
  }
}
