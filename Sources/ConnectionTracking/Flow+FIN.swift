internal import PacketDecoding

extension Flow {
  mutating func takeFIN(_ segment: Segment, from sender: End, _ closing: inout FlowClosing) {
    guard !self[sender].marks.sentFIN else { return }
    closing[sender].finAcknowledgment = segment.flags.isACK ? segment.acknowledgment : self[sender].acknowledged
    noteFIN(of: sender, endingAt: segment.sequenceEnd, &closing)
  }

  /// Takes a FIN whose acknowledgment is noted.
  mutating func noteFIN(of sender: End, endingAt number: SequenceNumber, _ closing: inout FlowClosing) {
    self[sender].marks.sentFIN = true
    closing[sender].finEnd = number
    move(sender, finEvent(of: sender, &closing), .sent)
    if self[sender.other].marks.sentFIN { decideWhoClosedFirst(latest: sender, &closing) }
  }

  /// Hands a FIN to the peer once nothing is missing before it.
  @inline(__always)
  mutating func deliverFIN(of sender: End, _ closing: inout FlowClosing) {
    guard self[sender].marks.sentFIN, !self[sender].marks.finDelivered, !self[sender].marks.isMissingSome else {
      return
    }
    self[sender].marks.finDelivered = true
    move(sender.other, finEvent(of: sender, &closing), .received)
  }

  @inline(__always)
  private func finEvent(of sender: End, _ closing: inout FlowClosing) -> Event {
    guard crossesPeersFIN(sender, &closing) else { return .fin }
    return crossesPeersFIN(sender.other, &closing) ? .finCrossing : .finOvertaken
  }

  /// Whether `sender`'s FIN was sent before the peer's FIN reached it.
  @inline(__always)
  func crossesPeersFIN(_ sender: End, _ closing: inout FlowClosing) -> Bool {
    self[sender.other].marks.sentFIN
      && closing[sender].finAcknowledgment.precedes(closing[sender.other].finEnd)
  }

  // MARK: Who closed first

  /// By what the FINs acknowledge, not by arrival: neither acknowledges the other in a simultaneous close, and where
  /// the second to arrive was sent first, the first acknowledges it.
  @inline(__always)
  private mutating func decideWhoClosedFirst(latest: End, _ closing: inout FlowClosing) {
    guard closeKind == .none, traits.isAnswered else { return }
    closedFirst =
      switch finEvent(of: latest, &closing) {
      case .finCrossing: .simultaneous
      case .finOvertaken: ClosedFirst(role(of: latest))
      default: ClosedFirst(role(of: latest.other))
      }
    closeKind = .fin
  }

  /// One FIN so far: its sender closed first, as far as that can be known.
  ///
  /// One direction alone tells of the other by what it acknowledges. When the peer's stream went on after the FIN, the
  /// peer had not closed before; when the last that was acknowledged before was one octet, that was the peer's FIN.
  /// Picked up midway, even silence proves nothing.
  @inline(__always)
  mutating func claimFirstClose(_ detail: inout FlowDetail, _ closing: inout FlowClosing) {
    guard traits.isAnswered, closeKind == .none, first.marks.sentFIN != second.marks.sentFIN else { return }
    let closer = first.marks.sentFIN ? End.first : .second
    let peerWentOn =
      self[closer].marks.hasAcknowledged && closing[closer].finAcknowledgment.precedes(self[closer].acknowledged)
    let wasFirst = traits.rolesObserved && !detail[closer].acknowledgedOneMore
    if self[closer.other].packets > 0 || peerWentOn || wasFirst { closedFirst = ClosedFirst(role(of: closer)) }
  }
}

extension ClosedFirst {
  init(_ role: Role) {
    self = role == .client ? .client : .server
  }
}
