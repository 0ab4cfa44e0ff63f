internal import PacketDecoding

/// FINs where capture passes SYN, FIN and RST alone. The same as `Flow.take` does there, for those that do no more than
/// close.
extension Course {
  /// Puts both ends where a FIN says that they are: the stream went on unseen. What is taken as a step of an orderly
  /// close then stands in sequence.
  ///
  /// - Returns: false, and nothing is changed, when there is more to it.
  @inline(__always)
  func catchUp(_ arrival: inout Arrival) -> Bool {
    let (number, acknowledgment) = (arrival.segment.sequence, arrival.segment.acknowledgment)
    let isPeerOpen = !peer.marks.sentFIN
    // Where the count begins anew, that is counted apart.
    guard isPlain(&arrival), flow.traits.isAnswered, !peerDetail.isNewestApart,
      !own.next.passesZero(to: number), !isPeerOpen || !peer.next.passesZero(to: acknowledgment)
    else { return false }
    own.next = number
    if peer.marks.hasAcknowledged { peer.acknowledged = number }
    if isPeerOpen { peer.next = acknowledgment }
    flow.noteQuiet(&detail)
    return true
  }

  /// Whether `takeFirstFIN` is all that there is to it, where no ACK may have been seen before.
  @inline(__always)
  func allowsFirstUnseenFIN(_ arrival: inout Arrival) -> Bool {
    goesOn(&arrival) && flow.isOpen && flow.traits.isAnswered && peer.packets > 0 && !endsSequenceSpace(&arrival)
      && ownDetail.allowsFIN && peerDetail.observed != .resetAfterFIN && detail.hasRoom(forLetters: 1)
  }

  // What a step becomes with the ACK that answers it, which nearly all get within a round trip: the same as
  // `Flow.assumeAcknowledgments`.

  /// After a SYN-ACK.
  @inline(__always)
  func assumeHandshake() { own.phase = .established }

  /// After a FIN.
  @inline(__always)
  func assumeAcknowledgment(of step: RegularStep) -> RegularStep {
    own.phase = step.closes ? .finWait2 : .closed
    flow.quiet = QuietMarks()
    return step.withUnseenACK ?? step
  }
}

extension SequenceNumber {
  /// Whether a later number is a lesser one.
  @inline(__always)
  fileprivate func passesZero(to other: SequenceNumber) -> Bool { precedes(other) && other.rawValue < rawValue }
}
