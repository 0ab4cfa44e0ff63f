extension Flow {
  /// Notes a segment in the history and in Zeek's states: before anything is judged, for Zeek judges less.
  mutating func noteHistory(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    let flags = segment.flags
    let control = (flags.isSYN ? 1 : 0) + (flags.isFIN ? 1 : 0) + (flags.isRST ? 1 : 0)
    if segment.checksum == .bad {
      detail[sender].badChecksums &+= 1
      noteRepeated(.badChecksum, detail[sender].badChecksums, by: sender, &detail)
      return
    }
    switch control {
    case 0: noteStream(segment, from: sender, &detail)
    case 1: noteControl(segment, from: sender, &detail)
    default: noteOnce(flags.isFIN && flags.isRST ? .finAndRST : .synAndFINOrRST, by: sender, &detail)
    }
    noteRetransmission(segment, from: sender, &detail)
    noteWindow(segment, from: sender, &detail)
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
      isRepeated = !detail[sender].once.insert(.syn) && detail[sender].base == segment.sequence &+ 1
      if self[sender].marks.sentSYN, flags.isACK, detail[sender].once.insert(.synAck) {
        detail.history.append(letter, by: role(of: sender))
        return
      }
      if flags.isACK { _ = detail[sender].once.insert(.synAck) }
    } else if flags.isFIN {
      letter = .fin
      isRepeated = !detail[sender].once.insert(.fin) && detail[sender].finEnd == segment.sequenceEnd
    } else {
      letter = .rst
      isRepeated = !detail[sender].once.insert(.rst) && detail[sender].lastRST == segment.sequence
    }
    if !isRepeated { detail.history.append(letter, by: role(of: sender)) }
  }

  private mutating func noteOnce(_ letter: History.Letter, by sender: End, _ detail: inout FlowDetail) {
    if detail[sender].once.insert(letter) { detail.history.append(letter, by: role(of: sender)) }
  }

  private mutating func noteRetransmission(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard segment.payloadLength > 0, self[sender].marks.hasNext, !self[sender].marks.sentRST,
      segment.sequenceEnd.distance(from: self[sender].next) <= 0
    else { return }
    detail[sender].payloadRetransmits &+= 1
    noteRepeated(.retransmission, detail[sender].payloadRetransmits, by: sender, &detail)
  }

  /// A window of zero means something unless the peer is through sending, or this end gave up.
  private mutating func noteWindow(_ segment: Segment, from sender: End, _ detail: inout FlowDetail) {
    guard segment.window == 0, !segment.flags.isRST, detail[sender.other].observed != .closed,
      !detail[sender].observed.isReset
    else { return }
    detail[sender].zeroWindows &+= 1
    noteRepeated(.zeroWindow, detail[sender].zeroWindows, by: sender, &detail)
  }

  /// A letter at the 1st, 10th, 100th, … occurrence.
  func noteRepeated(
    _ letter: History.Letter,
    _ occurrences: some BinaryInteger,
    by sender: End,
    _ detail: inout FlowDetail
  ) {
    var power = UInt64(1)
    while power < occurrences { power *= 10 }
    if power == occurrences { detail.history.append(letter, by: role(of: sender)) }
  }
}
