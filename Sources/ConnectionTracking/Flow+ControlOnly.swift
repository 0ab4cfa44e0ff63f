internal import PacketDecoding

/// Where capture passes SYN, FIN and RST alone. What lies between them was not lost: nobody looked. And what
/// acknowledges them is not seen.
extension Flow {
  /// Puts both ends where a segment says that they are, so that it stands in sequence: the stream went on unseen.
  mutating func catchUp(with segment: Segment, from sender: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities)
  {
    guard traits.isAnswered, !segment.flags.isSYN else { return }
    let peer = sender.other
    if self[sender].marks.hasNext, !self[sender].marks.sentFIN {
      skip(to: segment.sequence, of: sender, &detail, &rare)
      if self[peer].marks.hasAcknowledged { self[peer].acknowledged = segment.sequence }
    }
    if segment.flags.isACK, self[peer].marks.hasNext, !self[peer].marks.sentFIN {
      skip(to: segment.acknowledgment, of: peer, &detail, &rare)
    }
  }

  private mutating func skip(
    to number: SequenceNumber,
    of end: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    if self[end].next.precedes(number) {
      advance(end, to: number, &detail, &rare)
    } else {
      self[end].next = number
    }
    self[end].marks.isMissingSome = false
    rare.oddities[end].newest = number
    rare.oddities[end].missing = MissingRanges()
  }

  /// A SYN or FIN whose ACK would not be seen is taken to have it, for nearly all get it within a round trip.
  mutating func assumeAcknowledgments() {
    for end in [End.first, .second] {
      switch self[end].phase {
      case .synReceived:
        if self[end.other].phase == .established { move(.synAcknowledged, sentBy: end.other) }
      case .finWait1, .closing, .lastAck:
        move(.finAcknowledged, sentBy: end.other)
      case .closed, .listen, .synSent, .established, .finWait2, .closeWait, .timeWait: break
      }
    }
  }

  /// A SYN-ACK that is sent again had no ACK after all: what was assumed is taken back.
  mutating func takeBackHandshake(
    of segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) -> Bool {
    let phase = self[sender].phase
    guard segment.flags.isSYN, segment.flags.isACK, self[sender].marks.sentSYN, self[sender].marks.hasAcknowledged,
      phase == .established || phase == .synReceived, self[sender.other].phase == .established,
      segment.sequence &+ 1 == detail[sender].base
    else { return false }
    self[sender].phase = .synReceived
    return true
  }
}
