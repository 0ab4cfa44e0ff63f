internal import PacketDecoding

/// Which step of its regular course a connection waits for.
///
/// A step asks much of a connection before it is taken, and the step before knows nearly all of it. So it is asked once,
/// after a segment that was taken the long way, and noted beside the marks of what goes on quietly: whatever changes a
/// connection takes it away or notes it anew. Each step notes the next, of which it need not ask.
extension Flow {
  @inline(never)
  mutating func noteAwaited(_ detail: inout FlowDetail) {
    for end in [End.first, .second] {
      let step = Course.lend(&self, &detail, from: end) { course in course.awaited }
      if let step { quiet = .awaiting(step, from: end) }
    }
  }
}

extension Course {
  /// What the sender's next segment is, if it is a step of the course.
  fileprivate var awaited: QuietMarks.Step? {
    guard flow.traits.isPlain, !detail.hasUnansweredProbe, ownDetail.isRegular, peerDetail.isRegular else { return nil }
    let progress = FlowEnd.Progress.Pair(flow, from: sender)
    if progress == .init(own: .open(.established), peer: .open(.synReceived)) {
      return awaitsHandshake ? .handshakeAcknowledgment : nil
    }
    guard peer.marks.hasAcknowledged else { return nil }
    switch progress {
    case .init(own: .open(.closeWait), peer: .through(.finWait1)):
      let isClosing = own.marks.hasAcknowledged && allowsSecondFIN
      return isClosing && detail.hasRoom(forLetters: 3) ? .firstAcknowledgment : nil
    case .init(own: .open(.closeWait), peer: .through(.finWait2)):
      return allowsSecondFIN && detail.hasRoom(forLetters: 2) ? .secondFIN : nil
    case .init(own: .through(.timeWait), peer: .through(.lastAck)):
      let isClosed = own.marks.hasAcknowledged && flow.isClosed(by: role)
      return isClosed && detail.hasRoom(forLetters: 1) ? .lastAcknowledgment : nil
    default:
      return nil
    }
  }

  /// After it both ends are settled, and nothing but the client's ACK has been heard.
  private var awaitsHandshake: Bool {
    role == .client && flow.isOpen && own.hasSettledNext && peer.hasSettledNumbers
      && ownDetail.isSettled && peerDetail.isSettled && ownDetail.hasSaidNothing && peerDetail.hasSaidNothing
      && detail.hasRoom(forLetters: 1)
  }

  private var allowsSecondFIN: Bool {
    flow.isClosing(by: role.peer) && flow.traits.isAnswered && ownDetail.allowsFIN
      && peerDetail.observed != .resetAfterFIN
  }

  /// Whether the connection waits for a step of the sender, which is asked for where it is taken.
  @inline(__always)
  func awaits(_ step: QuietMarks.Step) -> Bool {
    guard flow.quiet == .awaiting(step, from: sender) else { return false }
    assert(awaited == step)
    return true
  }

  @inline(__always)
  func wait(for step: QuietMarks.Step, from end: End) { flow.quiet = .awaiting(step, from: end) }

  /// What the next segment would be counted as; nil where there is more to it than the step that was awaited. Its
  /// timestamp is noted with that: it is asked for last.
  @inline(__always)
  func count(ofAwaited arrival: inout Arrival) -> FlowEnd.Count? {
    guard arrival.segment.sequence == own.next, arrival.segment.acknowledgment == peer.next,
      flow[interfaceOf: sender] == arrival.interface, let count = own.nextCount
    else { return nil }
    if arrival.segment.options.present.timestamps {
      guard !ownDetail.isOlder(arrival.segment) else { return nil }
      flow.noteTimestamp(arrival.segment, from: sender, &ownDetail)
    }
    return count
  }
}

extension FlowEndDetail {
  /// It has been heard, and stands where it left off.
  fileprivate var isRegular: Bool {
    @inline(__always) get { isHeard && !isNewestApart }
  }

  fileprivate var hasSaidNothing: Bool { !once.contains(.ack) && !once.contains(.data) }

  /// There is no more to its FIN.
  var allowsFIN: Bool {
    @inline(__always) get { (observed == .established || observed == .partial) && !once.contains(.fin) }
  }
}
