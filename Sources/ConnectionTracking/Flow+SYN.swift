internal import PacketDecoding

/// What a segment with SYN means to the connection whose addresses and ports it has.
enum SYNMeaning {
  case ofThisConnection
  case opensAnother
  /// A SYN into TIME_WAIT that Linux answers with an ACK, and takes for nothing else.
  case challenged
}

extension Flow {
  func meaning(of segment: Segment, from sender: End, _ detail: inout FlowDetail) -> SYNMeaning {
    guard segment.flags.isSYN, !segment.flags.isACK, !segment.flags.isRST else { return .ofThisConnection }
    let (own, peer) = (self[sender], self[sender.other])
    if own.marks.sentSYN, detail[sender].base == segment.sequence &+ 1, own.phase != .closed {
      return .ofThisConnection
    }
    if peer.phase == .timeWait {
      return timeWaitYields(to: segment, from: sender, &detail) ? .opensAnother : .challenged
    }
    if own.marks.sentSYN, detail[sender].base == segment.sequence &+ 1 { return .ofThisConnection }
    guard !own.marks.sentSYN else { return .opensAnother }
    // Both ends opening at once: the peer's SYN is not answered yet, and this end sent none.
    if peer.phase == .synSent { return .ofThisConnection }
    // The SYN-ACK overtook the SYN it answers.
    let isAnswered = peer.phase == .synReceived && peer.marks.hasAcknowledged
    return isAnswered && peer.acknowledged == segment.sequence &+ 1 ? .ofThisConnection : .opensAnother
  }

  mutating func takeSYN(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    if segment.flags.isFIN { effect.note(.synWithFINOrRST) }
    if self[sender].marks.sentSYN {
      repeatSYN(segment, from: sender, &detail, &rare, &effect)
    } else {
      firstSYN(segment, from: sender, &detail, &rare, &effect)
    }
  }

  private mutating func firstSYN(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    let isACK = segment.flags.isACK
    if isACK {
      let receiver = self[sender.other]
      // A SYN-ACK that acknowledges something else is answered by RST and changes nothing (RFC 9293, 3.10.7.3).
      if receiver.phase == .synSent, !acknowledgesSYN(segment, of: receiver, detail[sender.other]) {
        effect.note(.outsideWindow)
        return
      }
      traits.isAnswered = true
    }
    // A FIN together with the SYN is ignored, as Linux does: only payload follows.
    let base = segment.sequence &+ 1
    start(sender, at: base, &detail)
    advance(sender, to: base &+ segment.payloadLength, &detail, &rare)
    self[sender].offer(segment)
    settleWindowScales()
    if isACK {
      self[sender].acknowledged = segment.acknowledgment
      self[sender].marks.hasAcknowledged = true
    }
    move(isACK ? .synAck : .syn, sentBy: sender)
  }

  /// Scaling is in force only when both SYNs offered it (RFC 7323, 2.2).
  @inline(__always)
  mutating func settleWindowScales() {
    guard first.marks.sentSYN, second.marks.sentSYN else { return }
    guard first.offersScale, second.offersScale else {
      first.setWindowScale(0)
      return second.setWindowScale(0)
    }
    first.scaleSYNWindow()
    second.scaleSYNWindow()
  }

  /// A SYN after the sender's SYN: the same one again, or (in simultaneous open) with an ACK now.
  private mutating func repeatSYN(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    _ effect: inout SegmentEffect
  ) {
    guard segment.sequence &+ 1 == detail[sender].base else {
      effect.note(.changedSYNACK)
      return
    }
    let isFirstSYNACK = segment.flags.isACK && !self[sender].marks.hasAcknowledged
    if !isFirstSYNACK { rare.oddities[sender].retransmits &+= 1 }
    guard segment.flags.isACK else { return }
    traits.isAnswered = true
    noteAcknowledgment(segment, from: sender, &detail, &rare, &effect)
    if isFirstSYNACK { move(.synAck, sentBy: sender) }
  }

  /// With data in the SYN (TCP Fast Open) the data may be acknowledged or not.
  func acknowledgesSYN(_ segment: Segment, of receiver: FlowEnd, _ detail: FlowEndDetail) -> Bool {
    !segment.acknowledgment.precedes(detail.base) && !receiver.next.precedes(segment.acknowledgment)
  }
}

extension FlowEnd {
  /// Takes from its SYN what is only offered there.
  @inline(__always)
  mutating func offer(_ segment: Segment) {
    marks.sentSYN = true
    setWindowScale(segment.options.present.windowScale ? segment.options.windowScale : nil)
    window = segment.window
  }
}
