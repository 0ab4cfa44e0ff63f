internal import PacketDecoding

/// An orderly close: a FIN, the ACK of it, the other's FIN, the last ACK.
///
/// The same as `Flow.take`. What a segment does in it, the states of the two ends tell beforehand, and little is left
/// to ask.
extension Course {
  typealias Phases = (own: Phase, peer: Phase)

  /// Takes a segment of an orderly close; nil, and nothing is changed, for any other.
  ///
  /// - Parameter deadline: of a TIME_WAIT that begins now.
  @inline(__always)
  func close(
    _ arrival: inout Arrival,
    _ closing: inout FlowClosing,
    until deadline: Instant
  ) -> (before: Standing, after: Standing)? {
    let before: Phases = (own.phase, peer.phase)
    guard let after = phases(after: before, &arrival, &closing), goesOn(&arrival),
      arrival.segment.flags.isFIN ? sendFIN(&arrival, &closing) : sendACK()
    else { return nil }
    let standing = standing(before)
    count(arrival.segment.flags, &closing)
    if own.take(acknowledgment: arrival.segment.acknowledgment, &ownDetail), after.own == .timeWait,
      isLastAcknowledgment(arrival.segment.acknowledgment, &closing)
    {
      closing[sender].timeWaitEnd = deadline
    }
    own.window = arrival.segment.window
    if before != after { move(to: after) }
    beginTimeWait(after, &closing, until: deadline)
    decideWhoClosed(after, &closing)
    finish(arrival.segment, arrival.interface)
    return (standing, self.standing(after))
  }

  /// The states after a segment; nil where it is in no order, or something is missing.
  @inline(__always)
  private func phases(after before: Phases, _ arrival: inout Arrival, _ closing: inout FlowClosing) -> Phases? {
    let isFIN = arrival.segment.flags.isFIN
    let (own, peer) = (own.progress, peer.progress)
    switch own {
    case .open(.established):
      guard peer == .open(.established) else { return nil }
      return isFIN ? (.finWait1, .closeWait) : before
    case .open(.closeWait):
      guard peer == .through(.finWait1) || peer == .through(.finWait2) else { return nil }
      if isFIN { return isInFIN(arrival.segment.acknowledgment, &closing) ? nil : (.lastAck, .timeWait) }
      return acknowledgesFIN(&arrival, &closing) ? (.closeWait, .finWait2) : before
    case .through(.finWait1), .through(.finWait2):
      return !isFIN && peer == .open(.closeWait) ? before : nil
    case .through(.timeWait):
      guard !isFIN, peer == .through(.lastAck) else { return nil }
      return acknowledgesFIN(&arrival, &closing) ? (.timeWait, .closed) : before
    default:
      return nil
    }
  }

  /// Whether a number comes before the end of the peer's FIN.
  @inline(__always)
  private func isInFIN(_ number: SequenceNumber, _ closing: inout FlowClosing) -> Bool {
    number.precedes(closing[sender.other].finEnd)
  }

  /// Whether the sender has acknowledged the peer's FIN, with this segment or before.
  @inline(__always)
  private func acknowledgesFIN(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> Bool {
    !isInFIN(arrival.segment.acknowledgment, &closing)
      || own.marks.hasAcknowledged && !isInFIN(own.acknowledged, &closing)
  }

  @inline(__always)
  private func sendACK() -> Bool {
    ownDetail.isHeard && noteAgain(.ack)
  }

  /// Notes the sender's FIN; false, and nothing is changed, when there is more to it.
  @inline(__always)
  private func sendFIN(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> Bool {
    let (end, observed) = (arrival.segment.sequenceEnd, ownDetail.observed)
    // Where the sequence space begins anew, that is counted apart.
    guard end.rawValue >= own.next.rawValue, observed == .established || observed == .partial,
      peerDetail.observed != .resetAfterFIN, noteNew(.fin)
    else { return false }
    ownDetail.observed = observed == .established ? .closed : .closedUncleanly
    own.next = end
    own.marks.noteDeliveredFIN()
    closing[sender].finEnd = end
    closing[sender].finAcknowledgment = arrival.segment.acknowledgment
    closing[sender].lastFIN = arrival.segment.sequence
    return true
  }

  /// `goesOn` has looked whether the count begins anew.
  @inline(__always)
  private func count(_ flags: TCPFlags, _ closing: inout FlowClosing) {
    own.countQuietly(flags)
    let others = flags.rawValue & ~FlowEnd.flagMask
    if others != 0 { closing[laterFlagsOf: sender] |= others }
  }

  @inline(__always)
  private func move(to after: Phases) {
    (own.phase, peer.phase) = after
    if after.own == .timeWait { own.marks.heldTimeWait = true }
    if after.peer == .timeWait { peer.marks.heldTimeWait = true }
  }

  @inline(__always)
  private func beginTimeWait(_ phases: Phases, _ closing: inout FlowClosing, until deadline: Instant) {
    if phases.own == .timeWait, closing[sender].timeWaitEnd.nanoseconds == 0 {
      closing[sender].timeWaitEnd = deadline
    }
    if phases.peer == .timeWait, closing[sender.other].timeWaitEnd.nanoseconds == 0 {
      closing[sender.other].timeWaitEnd = deadline
    }
  }

  /// The first to send its FIN, when the other's acknowledges it.
  @inline(__always)
  private func decideWhoClosed(_ after: Phases, _ closing: inout FlowClosing) {
    if after.peer == .timeWait {
      guard flow.closeKind == .none, flow.traits.isAnswered else { return }
      flow.closedFirst = ClosedFirst(role.peer)
      flow.closeKind = .fin
    } else if flow.closedFirst == .none, own.marks.sentFIN != peer.marks.sentFIN {
      // Constants, each of them.
      if own.marks.sentFIN {
        flow.claimFirstClose(by: sender, &detail, &closing)
      } else {
        flow.claimFirstClose(by: sender.other, &detail, &closing)
      }
    }
  }

  @inline(__always)
  private func standing(_ phases: Phases) -> Standing {
    let isClient = role == .client
    return Standing(
      clientPhase: isClient ? phases.own : phases.peer,
      serverPhase: isClient ? phases.peer : phases.own,
      closedFirst: flow.closedFirst,
      closeKind: flow.closeKind,
      localSide: flow.localSide
    )
  }
}
