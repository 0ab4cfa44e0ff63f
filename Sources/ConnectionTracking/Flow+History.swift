internal import PacketDecoding

extension Flow {
  /// Adds the letters of one segment, in Zeek's order (update_history to UpdateStateMachine in TCPSessionAdapter.cc),
  /// and moves the two ends as Zeek sees them. Before anything is judged, for Zeek judges less.
  mutating func noteHistory(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    let flags = segment.flags
    let control = (flags.isSYN ? 1 : 0) + (flags.isFIN ? 1 : 0) + (flags.isRST ? 1 : 0)
    if segment.checksum == .bad {
      if rare.oddities[sender].badChecksums.countsUpToPowerOfTen() {
        detail.append(.badChecksum, by: role(of: sender), &rare)
      }
      return
    }
    switch control {
    case 0: noteStream(segment, from: sender, &detail, &rare)
    case 1: noteControl(segment, from: sender, &detail, &rare)
    default: noteOnce(flags.isFIN && flags.isRST ? .finAndRST : .synAndFINOrRST, by: sender, &detail, &rare)
    }
    noteWindow(segment, from: sender, &detail, &rare)
    noteRetransmission(segment, from: sender, &detail, &rare)
    observe(segment, from: sender, &detail)
  }

  /// Moves the two ends as Zeek sees them.
  @inline(__always)
  mutating func observe(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard ObservedPair.mayMove(detail[sender].observed, segment.flags) else { return }
    var pair = ObservedPair(sender: detail[sender].observed, receiver: detail[sender.other].observed)
    pair.note(segment, from: role(of: sender))
    detail[sender].observed = pair.sender
    detail[sender.other].observed = pair.receiver
  }

  private mutating func noteStream(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    if segment.payloadLength > 0 {
      noteOnce(.data, by: sender, &detail, &rare)
    } else if segment.flags.isACK {
      noteOnce(.ack, by: sender, &detail, &rare)
    }
  }

  /// SYN, FIN and RST again only with another sequence number than the last of the kind.
  private mutating func noteControl(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    let flags = segment.flags
    let isRepeated: Bool
    let letter: History.Letter
    if flags.isSYN {
      letter = flags.isACK ? .synAck : .syn
      // SYN and SYN-ACK are one kind. Until its end an end's SYN is taken for the one that opens it, whatever its
      // number.
      let isNumberKnown = !detail[sender].observed.isOver || detail[sender].base == segment.sequence &+ 1
      isRepeated = !detail[sender].once.insert(.syn) && isNumberKnown
    } else if flags.isFIN {
      letter = .fin
      let number = segment.sequence &+ segment.payloadLength
      isRepeated = !detail[sender].once.insert(.fin) && rare.closing[sender].lastFIN == number
      rare.closing[sender].lastFIN = number
    } else {
      letter = .rst
      isRepeated = !detail[sender].once.insert(.rst) && rare.closing[sender].lastRST == segment.sequence
      rare.closing[sender].lastRST = segment.sequence
    }
    if !isRepeated { detail.append(letter, by: role(of: sender), &rare) }
  }

  @inline(__always)
  mutating func noteOnce(
    _ letter: History.Letter,
    by sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    if detail[sender].once.insert(letter) { detail.append(letter, by: role(of: sender), &rare) }
  }

  /// A window of zero means something unless the peer is through sending, or this end gave up.
  private mutating func noteWindow(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    guard segment.window == 0, !segment.flags.isRST, !detail[sender.other].observed.isClosed,
      !detail[sender].observed.isReset
    else { return }
    if rare.oddities[sender].zeroWindows.countsUpToPowerOfTen() {
      detail.append(.zeroWindow, by: role(of: sender), &rare)
    }
  }

  /// Payload that does not end beyond the newest octet. (That makes payload in a SYN its own retransmission, as Zeek
  /// does.)
  private mutating func noteRetransmission(
    _ segment: Segment,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    let flags = segment.flags
    let end = segment.sequence &+ (flags.isRST ? (flags.isSYN ? 1 : 0) + (flags.isFIN ? 1 : 0) : segment.sequenceLength)
    beginNewest(segment, end, from: sender, &detail, &rare)
    let ahead = end.distance(from: rare.oddities[sender].newest)
    if flags.isSYN || flags.isRST, ahead.magnitude > Self.plausibleJump { return }
    if flags.isFIN, self[sender].marks.sentSYN, rare.oddities[sender].newest == detail[sender].base {
      // Of more than 2 GB nothing but SYN and FIN was seen.
      rare.oddities[sender].newest = end
    } else if detail[sender].observed.isReset {
      return
    } else if ahead > 0 {
      rare.oddities[sender].newest = end
    } else if segment.payloadLength > 0 {
      if rare.oddities[sender].payloadRetransmits.countsUpToPowerOfTen() {
        detail.append(.retransmission, by: role(of: sender), &rare)
      }
    }
  }

  /// The first segment of an end, or a SYN in place of the one before, says where its numbers begin.
  private mutating func beginNewest(
    _ segment: Segment,
    _ end: SequenceNumber,
    from sender: End,
    _ detail: inout FlowDetail,
    _ rare: inout FlowRarities
  ) {
    let observed = detail[sender].observed
    let isSYN = segment.flags.isSYN
    if observed == .inactive {
      rare.oddities[sender].newest = isSYN ? end : segment.sequence
    } else if isSYN, !observed.isOver, !observed.isOpening || detail[sender].base != segment.sequence &+ 1 {
      rare.oddities[sender].newest = end
    }
  }

  /// How far from its stream a SYN's or RST's sequence number is believed.
  private static let plausibleJump: UInt32 = 1 << 20

  /// What was acknowledged and never seen. Zeek counts it only where both ends were established.
  mutating func noteGap(of end: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    guard detail[end].observed.isClean, detail[end.other].observed.isClean else { return }
    if rare.oddities[end].gaps.countsUpToPowerOfTen() { detail.append(.gap, by: role(of: end), &rare) }
  }
}

extension UInt16 {
  /// Counts one more, and says whether that is the 1st, 10th, 100th, …; stops at the end of its range.
  fileprivate mutating func countsUpToPowerOfTen() -> Bool {
    guard self < .max else { return false }
    self += 1
    return self == 1 || self == 10 || self == 100 || self == 1000 || self == 10_000
  }
}
