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
  /// - Parameters:
  ///   - ignoresReset: the receiver's kernel takes no RST now.
  ///   - isControlOnly: only segments with SYN, FIN or RST are captured.
  mutating func take(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    ignoresReset: Bool = false,
    isControlOnly: Bool = false
  ) -> SegmentEffect {
    unfold(&detail, &rare)
    defer { fold(&detail, &rare) }
    guard isControlOnly else { return takeWhole(segment, from: sender, &detail, &rare, ignoresReset: ignoresReset) }
    catchUp(with: segment, from: sender, &detail, &rare)
    let isTakenBack = takeBackHandshake(of: segment, from: sender, &detail, &rare)
    let effect = takeWhole(segment, from: sender, &detail, &rare, ignoresReset: ignoresReset)
    if !isTakenBack, !ignoresReset { assumeAcknowledgments() }
    return effect
  }

  @inline(__always)
  private mutating func takeWhole(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities,
    ignoresReset: Bool
  ) -> SegmentEffect {
    var effect = SegmentEffect()
    count(segment, from: sender, &detail, &rare)
    let isChallenged = segment.flags.isSYN && meaning(of: segment, from: sender, &detail) == .challenged
    let isNews = detail[sender].observed == .inactive || rare.oddities[sender].newest.precedes(segment.sequenceEnd)
    noteHistory(segment, from: sender, &detail, &rare)
    if ignoresReset { return effect }
    if segment.checksum == .bad {
      effect.note(.badChecksum)
      return effect
    }
    if self[sender.other].phase == .timeWait {
      effect.rearmsReceiver = renewsTimeWait(segment, from: sender, detail[sender])
    }
    let flags = segment.flags
    if flags.isRST {
      takeReset(segment, from: sender, &detail, &rare, &effect)
    } else if isChallenged {
      effect.note(.challengedSYN)
    } else if flags.isSYN {
      takeSYN(segment, from: sender, &detail, &rare, &effect)
    } else {
      takeStream(segment, isNews: isNews, from: sender, &detail, &rare, &effect)
    }
    if segment.options.present.timestamps { noteTimestamp(segment, from: sender, &detail[sender]) }
    return effect
  }

  @inline(__always)
  mutating func count(_ segment: Segment, from sender: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    if self[sender].packets == 0, rare.oddities[sender].packetWraps == 0 {
      detail[sender].initialFlags = segment.flags.rawValue
    } else {
      noteLaterFlags(segment, from: sender, &rare.closing)
    }
    if self[sender].countPacket() { rare.oddities[sender].packetWraps &+= 1 }
  }

  @inline(__always)
  private mutating func noteLaterFlags(_ segment: Segment, from sender: End, _ closing: inout FlowClosing) {
    self[sender].noteFlags(segment.flags)
    let others = segment.flags.rawValue & ~FlowEnd.flagMask
    if others != 0 { closing[laterFlagsOf: sender] |= others }
  }

  /// Moves both ends by an event that `sender` caused.
  @inline(__always)
  mutating func move(_ event: Event, sentBy sender: End) {
    // Of an event that is known here little is left of the table.
    self[sender].take(event, .sent)
    self[sender.other].take(event, .received)
  }

  // MARK: Sequence space

  /// Begins an end's sequence space.
  @inline(__always)
  mutating func start(_ end: End, at number: SequenceNumber, _ detail: inout FlowDetail) {
    self[end].start(at: number, &detail[end])
  }

  /// Moves an end's next sequence number ahead, counting how often it passes 2^32.
  @inline(__always)
  mutating func advance(_ end: End, to number: SequenceNumber, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    if number.rawValue < self[end].next.rawValue { rare.oddities[end].sequenceWraps &+= 1 }
    self[end].next = number
  }
}

extension FlowEnd {
  /// Moves it by an event in which it has this part.
  @inline(__always)
  mutating func take(_ event: Event, _ part: Part) {
    phase = phase.after(event, part)
    if phase == .timeWait { marks.heldTimeWait = true }
  }

  /// Begins its sequence space.
  @inline(__always)
  mutating func start(at number: SequenceNumber, _ detail: inout FlowEndDetail) {
    next = number
    marks.hasNext = true
    detail.base = number
  }

  /// Notes what it acknowledges.
  ///
  /// - Returns: whether that is more than before.
  @inline(__always)
  mutating func take(acknowledgment number: SequenceNumber, _ detail: inout FlowEndDetail) -> Bool {
    guard !marks.hasAcknowledged || acknowledged.precedes(number) else { return false }
    detail.acknowledgedOneMore = acknowledged &+ 1 == number
    acknowledged = number
    marks.hasAcknowledged = true
    return true
  }

  /// The same of one that has acknowledged something before.
  @inline(__always)
  mutating func take(furtherAcknowledgment number: SequenceNumber, _ detail: inout FlowEndDetail) -> Bool {
    assert(marks.hasAcknowledged)
    guard acknowledged.precedes(number) else { return false }
    detail.acknowledgedOneMore = acknowledged &+ 1 == number
    acknowledged = number
    return true
  }

  /// Whether an acknowledgment covers its SYN, which waits for one.
  @inline(__always)
  func awaitsAcknowledgment(ofSYNBefore base: SequenceNumber, _ number: SequenceNumber) -> Bool {
    (phase == .synReceived || phase == .synSent) && !number.precedes(base)
  }
}
