internal import PacketDecoding

extension Flow {
  /// Adds the letters of one segment, in Zeek's order (update_history to UpdateStateMachine in TCPSessionAdapter.cc), and
  /// moves the two ends as Zeek sees them. Before anything is judged, for Zeek judges less.
  mutating func noteHistory(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    let flags = segment.flags
    let control = (flags.isSYN ? 1 : 0) + (flags.isFIN ? 1 : 0) + (flags.isRST ? 1 : 0)
    if segment.checksum == .bad {
      if detail[sender].badChecksums.countsUpToPowerOfTen() {
        detail.history.append(.badChecksum, by: role(of: sender))
      }
      return
    }
    switch control {
    case 0: noteStream(segment, from: sender, &detail)
    case 1: noteControl(segment, from: sender, &detail)
    default: noteOnce(flags.isFIN && flags.isRST ? .finAndRST : .synAndFINOrRST, by: sender, &detail)
    }
    noteWindow(segment, from: sender, &detail)
    noteRetransmission(segment, from: sender, &detail)
    observe(segment, from: sender, &detail)
  }

  /// Moves the two ends as Zeek sees them.
  @inline(__always)
  mutating func observe(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    var pair = ObservedPair(sender: detail[sender].observed, receiver: detail[sender.other].observed)
    pair.note(segment, from: role(of: sender))
    detail[sender].observed = pair.sender
    detail[sender.other].observed = pair.receiver
  }

  private mutating func noteStream(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    if segment.payloadLength > 0 {
      noteOnce(.data, by: sender, &detail)
    } else if segment.flags.isACK {
      noteOnce(.ack, by: sender, &detail)
    }
  }

  /// SYN, FIN and RST again only with another sequence number than the last of the kind.
  private mutating func noteControl(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    let flags = segment.flags
    let isRepeated: Bool
    let letter: History.Letter
    if flags.isSYN {
      letter = flags.isACK ? .synAck : .syn
      // SYN and SYN-ACK are one kind. Until its end an end's SYN is taken for the one that opens it, whatever its number.
      let isNumberKnown = !detail[sender].observed.isOver || detail[sender].base == segment.sequence &+ 1
      isRepeated = !detail[sender].once.insert(.syn) && isNumberKnown
    } else if flags.isFIN {
      letter = .fin
      let number = segment.sequence &+ segment.payloadLength
      isRepeated = !detail[sender].once.insert(.fin) && detail[sender].lastFIN == number
      detail[sender].lastFIN = number
    } else {
      letter = .rst
      isRepeated = !detail[sender].once.insert(.rst) && detail[sender].lastRST == segment.sequence
      detail[sender].lastRST = segment.sequence
    }
    if !isRepeated { detail.history.append(letter, by: role(of: sender)) }
  }

  @inline(__always)
  mutating func noteOnce(_ letter: History.Letter, by sender: End, _ detail: inout FlowDetail) {
    if detail[sender].once.insert(letter) { detail.history.append(letter, by: role(of: sender)) }
  }

  /// A window of zero means something unless the peer is through sending, or this end gave up.
  private mutating func noteWindow(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard segment.window == 0, !segment.flags.isRST, !detail[sender.other].observed.isClosed,
      !detail[sender].observed.isReset
    else { return }
    if detail[sender].zeroWindows.countsUpToPowerOfTen() { detail.history.append(.zeroWindow, by: role(of: sender)) }
  }

  /// Payload that does not end beyond the newest octet. (That makes payload in a SYN its own retransmission, as Zeek does.)
  private mutating func noteRetransmission(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    let flags = segment.flags
    let end = segment.sequence &+ (flags.isRST ? (flags.isSYN ? 1 : 0) + (flags.isFIN ? 1 : 0) : segment.sequenceLength)
    beginNewest(segment, end, from: sender, &detail)
    let ahead = end.distance(from: detail[sender].newest)
    if flags.isSYN || flags.isRST, ahead.magnitude > Self.plausibleJump { return }
    if flags.isFIN, self[sender].marks.sentSYN, detail[sender].newest == detail[sender].base {
      // Of more than 2 GB nothing but SYN and FIN was seen.
      detail[sender].newest = end
    } else if detail[sender].observed.isReset {
      return
    } else if ahead > 0 {
      detail[sender].newest = end
    } else if segment.payloadLength > 0 {
      if detail[sender].payloadRetransmits.countsUpToPowerOfTen() {
        detail.history.append(.retransmission, by: role(of: sender))
      }
    }
  }

  /// The first segment of an end, or a SYN in place of the one before, says where its numbers begin.
  private mutating func beginNewest(
    _ segment: Segment,
    _ end: SequenceNumber,
    from sender: End,
    _ detail: inout FlowDetail
  ) {
    let observed = detail[sender].observed
    let isSYN = segment.flags.isSYN
    if observed == .inactive {
      detail[sender].newest = isSYN ? end : segment.sequence
    } else if isSYN, !observed.isOver, !observed.isOpening || detail[sender].base != segment.sequence &+ 1 {
      detail[sender].newest = end
    }
  }

  /// How far from its stream a SYN's or RST's sequence number is believed.
  private static let plausibleJump: UInt32 = 1 << 20

  /// What was acknowledged and never seen. Zeek counts it only where both ends were established.
  mutating func noteGap(of end: End, _ detail: inout FlowDetail) {
    guard detail[end].observed.isClean, detail[end.other].observed.isClean else { return }
    if detail[end].gaps.countsUpToPowerOfTen() { detail.history.append(.gap, by: role(of: end)) }
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
