internal import PacketDecoding

/// What a segment did to a connection, beside changing it.
struct SegmentEffect: Sendable, BitwiseCopyable {
  /// A bit per `Anomaly`.
  var anomalies: UInt16 = 0
  /// Ends whose TIME_WAIT starts anew with this segment.
  var rearmsSender = false
  var rearmsReceiver = false

  mutating func note(_ anomaly: Anomaly) {
    anomalies |= 1 << UInt16(anomaly.rawValue)
  }
}

extension Flow {
  /// Takes one segment from `sender`: counts it, and moves both ends if the receiver would accept it.
  ///
  /// - Parameter ignoresReset: the receiver's kernel takes no RST now.
  mutating func take(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    ignoresReset: Bool = false
  ) -> SegmentEffect {
    var effect = SegmentEffect()
    count(sender, &detail)
    noteHistory(segment, from: sender, &detail)
    if ignoresReset { return effect }
    if segment.checksum == .bad {
      effect.note(.badChecksum)
      return effect
    }
    let flags = segment.flags
    if flags.isRST {
      takeReset(segment, from: sender, &detail, &effect)
    } else if flags.isSYN {
      takeSYN(segment, from: sender, &detail, &effect)
    } else {
      takeStream(segment, from: sender, &detail, &effect)
    }
    noteTimestamp(segment, from: sender, &detail)
    return effect
  }

  /// Remembers the newest timestamp: it decides whether a SYN into TIME_WAIT opens a connection.
  private func noteTimestamp(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard segment.options.present.timestamps, !segment.flags.isRST else { return }
    let value = segment.options.timestampValue
    let isNewer = Int32(bitPattern: value &- detail[sender].timestamp) > 0
    if isNewer || !detail[sender].hasTimestamp { detail[sender].timestamp = value }
    detail[sender].hasTimestamp = true
  }

  private mutating func count(_ sender: End, _ detail: inout FlowDetail) {
    self[sender].packets &+= 1
    if self[sender].packets == 0 { detail[sender].packetWraps &+= 1 }
  }

  /// Moves both ends by an event that `sender` caused.
  mutating func move(_ event: Event, sentBy sender: End) {
    move(sender, event, .sent)
    move(sender.other, event, .received)
  }

  mutating func move(_ end: End, _ event: Event, _ part: Part) {
    let phase = self[end].phase.after(event, part)
    self[end].phase = phase
    if phase == .timeWait { self[end].marks.heldTimeWait = true }
  }

  // MARK: SYN

  private mutating func takeSYN(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    let flags = segment.flags
    if flags.isFIN { effect.note(.synWithFINOrRST) }
    effect.rearmsReceiver = flags.isACK
    if self[sender].marks.sentSYN {
      repeatSYN(segment, from: sender, &detail, &effect)
      return
    }
    if flags.isACK {
      let receiver = self[sender.other]
      // A SYN-ACK that acknowledges something else is answered by RST and changes nothing (RFC 9293, 3.10.7.3).
      if receiver.phase == .synSent, !acknowledgesAll(segment, of: receiver, detail[sender.other]) {
        effect.note(.outsideWindow)
        return
      }
      traits.isAnswered = true
    }
    self[sender].marks.sentSYN = true
    detail[sender].base = segment.sequence &+ 1
    start(sender, at: segment.sequence &+ 1, &detail)
    advance(sender, to: segment.sequenceEnd, &detail)
    self[sender].setWindowScale(segment.options.present.windowScale ? segment.options.windowScale : nil)
    if flags.isACK { settleWindowScales() }
    self[sender].window = segment.window
    if flags.isACK {
      self[sender].acknowledged = segment.acknowledgment
      self[sender].marks.hasAcknowledged = true
    }
    move(flags.isACK ? .synAck : .syn, sentBy: sender)
  }

  /// Scaling is in force only when both SYNs offered it (RFC 7323, 2.2).
  private mutating func settleWindowScales() {
    guard first.marks.sentSYN, second.marks.sentSYN else { return }
    if first.windowScale == nil || second.windowScale == nil {
      first.setWindowScale(0)
      second.setWindowScale(0)
    }
  }

  /// A SYN after the sender's SYN: the same one again, or (in simultaneous open) with an ACK now.
  private mutating func repeatSYN(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ effect: inout SegmentEffect
  ) {
    guard segment.sequence &+ 1 == detail[sender].base else {
      effect.note(.changedSYNACK)
      return
    }
    let isFirstSYNACK = segment.flags.isACK && !self[sender].marks.hasAcknowledged
    if !isFirstSYNACK { detail[sender].retransmits &+= 1 }
    guard segment.flags.isACK else { return }
    traits.isAnswered = true
    noteAcknowledgment(segment, from: sender, &detail, &effect)
    if isFirstSYNACK { move(.synAck, sentBy: sender) }
  }

  private func acknowledgesAll(_ segment: Segment, of receiver: FlowEnd, _ detail: FlowEndDetail) -> Bool {
    !segment.acknowledgment.precedes(detail.base) && !receiver.next.precedes(segment.acknowledgment)
  }

  /// Begins an end's sequence space.
  mutating func start(_ end: End, at number: SequenceNumber, _ detail: inout FlowDetail) {
    self[end].next = number
    self[end].marks.hasNext = true
    detail[end].base = number
  }

  /// Moves an end's next sequence number ahead, counting how often it passes 2^32.
  mutating func advance(_ end: End, to number: SequenceNumber, _ detail: inout FlowDetail) {
    if number.rawValue < self[end].next.rawValue { detail[end].sequenceWraps &+= 1 }
    self[end].next = number
  }
}
