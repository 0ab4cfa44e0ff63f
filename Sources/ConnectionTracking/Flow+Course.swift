internal import PacketDecoding

/// The course that nearly all connections take: SYN, SYN-ACK, ACK, and at the end FINs in order and the ACKs of them.
///
/// The same as `take`, for segments of which a few comparisons tell that nothing is odd about them: most of what `take`
/// asks need not be asked then. Where one declines, nothing was changed.
extension Flow {
  /// The first segment of a connection is a SYN that nothing is odd about.
  @inline(__always)
  static func mayOpenPlainly(_ segment: Segment) -> Bool {
    segment.flags.rawValue & 0x17 == 0x02 && segment.payloadLength == 0 && segment.window != 0
      && segment.checksum != .bad
  }

  /// Takes the SYN of a new connection, for which `mayOpenPlainly` holds.
  @inline(__always)
  mutating func openPlainly(_ segment: Segment, from sender: End, interface: UInt8, _ detail: inout FlowDetail) {
    let base = segment.sequence &+ 1
    traits.clientIsSecond = sender == .second
    traits.rolesObserved = true
    _ = detail.append(.syn, by: .client)
    self[interfaceOf: sender] = interface
    self[sender.other].phase = .listen
    self[sender].phase = .synSent
    detail[sender].initialFlags = segment.flags.rawValue
    _ = self[sender].countPacket()
    self[sender].next = base
    self[sender].marks.hasNext = true
    self[sender].marks.sentSYN = true
    self[sender].setWindowScale(segment.options.present.windowScale ? segment.options.windowScale : nil)
    self[sender].window = segment.window
    detail[sender].base = base
    detail[sender].observed = .synSent
    _ = detail[sender].once.insert(.syn)
    if segment.options.present.timestamps {
      detail[sender].recentTimestamp = segment.options.timestampValue
      detail[sender].sentTimestamps = true
    }
  }

  /// Takes a SYN-ACK, ACK or FIN without payload that does what it does in the regular course.
  @inline(__always)
  mutating func takeInCourse(
    _ segment: Segment,
    from sender: End,
    interface: UInt8,
    _ detail: inout FlowDetail,
    _ closing: inout FlowClosing
  ) -> SegmentEffect? {
    let (own, peer) = (copy(of: sender), copy(of: sender.other))
    let flags = segment.flags
    let owner = self[interfaceOf: sender]
    guard flags.isACK, !flags.isRST, segment.payloadLength == 0, segment.window != 0, segment.checksum != .bad,
      owner == interface || owner == Self.noInterface, own.packets != FlowEnd.packetMask, !traits.fromKernel,
      !traits.hasStray,
      !own.marks.isMissingSome, !peer.marks.isMissingSome, peer.phase != .timeWait, peer.marks.hasNext,
      !peer.next.precedes(segment.acknowledgment), !detail.hasUnansweredProbe,
      !detail[sender].isOlder(segment)
    else { return nil }
    var effect = SegmentEffect()
    let isTaken =
      flags.isSYN
      ? answer(with: segment, from: sender, own, peer, &detail)
      : goOn(with: segment, from: sender, own, peer, &detail, &closing, &effect)
    guard isTaken else { return nil }
    self[interfaceOf: sender] = interface
    if segment.options.present.timestamps { noteTimestamp(segment, from: sender, &detail[sender]) }
    return effect
  }

  /// A SYN-ACK, the first segment of its sender, acknowledges all of the peer's SYN.
  @inline(__always)
  private mutating func answer(
    with segment: Segment,
    from sender: End,
    _ own: FlowEnd,
    _ peer: FlowEnd,
    _ detail: inout FlowDetail
  ) -> Bool {
    guard !segment.flags.isFIN, own.phase == .listen, own.packets == 0, !own.marks.hasNext, peer.phase == .synSent,
      detail[sender].observed == .inactive, segment.acknowledgment == peer.next,
      detail.append(.synAck, by: role(of: sender))
    else { return false }
    detail[sender].initialFlags = segment.flags.rawValue
    _ = self[sender].countPacket()
    _ = detail[sender].once.insert(.syn)
    observe(segment, from: sender, &detail)
    traits.isAnswered = true
    let base = segment.sequence &+ 1
    start(sender, at: base, &detail)
    self[sender].marks.sentSYN = true
    self[sender].setWindowScale(segment.options.present.windowScale ? segment.options.windowScale : nil)
    self[sender].window = segment.window
    settleWindowScales()
    self[sender].acknowledged = segment.acknowledgment
    self[sender].marks.hasAcknowledged = true
    move(.synAck, sentBy: sender)
    return true
  }

  /// An ACK or FIN that stands where its sender left off.
  @inline(__always)
  private mutating func goOn(
    with segment: Segment,
    from sender: End,
    _ own: FlowEnd,
    _ peer: FlowEnd,
    _ detail: inout FlowDetail,
    _ closing: inout FlowClosing,
    _ effect: inout SegmentEffect
  ) -> Bool {
    let isFIN = segment.flags.isFIN
    // Where a count or the sequence space begins anew, that is counted apart.
    guard own.marks.hasNext, segment.sequence == own.next, own.phase != .synSent, !(isFIN && own.marks.sentFIN),
      own.packets != 0, !isFIN || segment.sequenceEnd.rawValue >= own.next.rawValue
    else { return false }
    let observed = detail[sender].observed
    guard !detail[sender].isNewestApart, observed != .inactive, !observed.isReset,
      noteLetter(isFIN ? .fin : .ack, isNew: isFIN, by: sender, &detail)
    else { return false }
    countLater(segment, from: sender, &closing)
    if isFIN {
      closing[sender].lastFIN = segment.sequence
      self[sender].next = segment.sequenceEnd
    }
    observe(segment, from: sender, &detail)
    let number = segment.acknowledgment
    if !own.marks.hasAcknowledged || own.acknowledged.precedes(number) {
      if own.phase == .timeWait { effect.rearmsSender = isLastAcknowledgment(number, by: sender, &closing) }
      detail[sender].acknowledgedOneMore = own.acknowledged &+ 1 == number
      self[sender].acknowledged = number
      self[sender].marks.hasAcknowledged = true
    }
    self[sender].window = segment.window
    settleControl(from: sender, &detail, &closing)
    if isFIN { takeFIN(segment, from: sender, &closing) }
    if self[sender].marks.sentFIN { deliverFIN(of: sender, &closing) }
    if closedFirst == .none, first.marks.sentFIN != second.marks.sentFIN { claimFirstClose(&detail, &closing) }
    return true
  }

  /// False, and nothing is changed, when the history has no room for the letter here, or it must be new and is not.
  @inline(__always)
  private func noteLetter(_ letter: History.Letter, isNew: Bool, by sender: End, _ detail: inout FlowDetail) -> Bool {
    if detail[sender].once.contains(letter) { return !isNew }
    guard detail.append(letter, by: role(of: sender)) else { return false }
    _ = detail[sender].once.insert(letter)
    return true
  }
}
