internal import PacketDecoding

/// An orderly close: a FIN, the ACK of it, the other's FIN, the last ACK.
///
/// The same as `Flow.take`. What a segment does in it, the states of the two ends tell beforehand, and little is left
/// to ask: each step knows the states before it and after it.
extension Course {
  /// Which step of an orderly close a segment is.
  enum Close {
    case firstFIN
    /// With this the first FIN is acknowledged.
    case acknowledgment
    case secondFIN
    case lastAcknowledgment
    /// Neither end goes into another state by it.
    case goingOn
  }

  // Each takes a segment that is this step; nil, and nothing is changed, when there is more to it.

  /// Whether `takeFirstFIN` is all that there is to it: nobody claims to have closed before, and nothing is odd that the
  /// steps after it would have to ask for.
  @inline(__always)
  func allowsFirstFIN(_ arrival: inout Arrival) -> Bool {
    flow.quiet.allowAll && flow.traits.isPlain && flow.traits.isAnswered && flow.isOpen
      && arrival.segment.sequence == own.next && !peer.next.precedes(arrival.segment.acknowledgment)
      && flow[interfaceOf: sender] == arrival.interface && own.nextCount != nil && !endsSequenceSpace(&arrival)
      && peer.packets > 0 && ownDetail.allowsFIN && peerDetail.allowsFIN && detail.hasRoom(forLetters: 4)
      && !ownDetail.isOlder(arrival.segment)
  }

  @inline(__always)
  func takeFirstFIN(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> RegularStep {
    noteFIN(&arrival, &closing)
    _ = note(&arrival, &closing)
    own.close(as: .finWait1)
    peer.phase = .closeWait
    flow.closedFirst = ClosedFirst(role)
    wait(for: .firstAcknowledgment, from: sender.other)
    return .firstFIN(of: role)
  }

  @inline(__always)
  func takeFirstAcknowledgment(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> RegularStep? {
    guard awaits(.firstAcknowledgment), let count = count(ofAwaited: &arrival) else { return nil }
    noteACK()
    note(count, &arrival, &closing)
    _ = own.take(furtherAcknowledgment: arrival.segment.acknowledgment, &ownDetail)
    peer.phase = .finWait2
    wait(for: .secondFIN, from: sender)
    return .firstAcknowledgment(to: role.peer)
  }

  /// - Parameter deadline: of a TIME_WAIT that begins now.
  @inline(__always)
  func takeSecondFIN(
    _ arrival: inout Arrival,
    _ closing: inout FlowClosing,
    until deadline: Instant
  ) -> RegularStep? {
    let isAtOnce = peer.phase == .finWait1
    guard awaits(.secondFIN) || awaits(.firstAcknowledgment),
      // The kernel may have told of it.
      closing[sender.other].timeWaitEnd.nanoseconds == 0, !endsSequenceSpace(&arrival),
      let count = count(ofAwaited: &arrival)
    else { return nil }
    noteFIN(&arrival, &closing)
    note(count, &arrival, &closing)
    _ = own.take(acknowledgment: arrival.segment.acknowledgment, &ownDetail)
    own.close(as: .lastAck)
    peer.holdTimeWait()
    closing[sender.other].timeWaitEnd = deadline
    flow.closeKind = .fin
    wait(for: .lastAcknowledgment, from: sender.other)
    return .secondFIN(to: role.peer, atOnce: isAtOnce)
  }

  /// - Parameter deadline: of a TIME_WAIT that begins now. After that, that of the sender's.
  @inline(__always)
  func takeLastAcknowledgment(
    _ arrival: inout Arrival,
    _ closing: inout FlowClosing,
    until deadline: inout Instant
  ) -> RegularStep? {
    guard awaits(.lastAcknowledgment), let count = count(ofAwaited: &arrival) else { return nil }
    noteACK()
    note(count, &arrival, &closing)
    let isNew = own.take(furtherAcknowledgment: arrival.segment.acknowledgment, &ownDetail)
    if isNew && isLastAcknowledgment(arrival.segment.acknowledgment, &closing)
      || closing[sender].timeWaitEnd.nanoseconds == 0
    {
      closing[sender].timeWaitEnd = deadline
    } else {
      deadline = closing[sender].timeWaitEnd
    }
    own.holdTimeWait()
    peer.phase = .closed
    flow.quiet = QuietMarks()
    return .lastAcknowledgment(by: role)
  }

  /// False, and nothing is changed, when there is more to it.
  @inline(__always)
  func goOn(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> Bool {
    guard flow.closedFirst != .none || own.marks.sentFIN == peer.marks.sentFIN, goesOn(&arrival), ownDetail.isHeard,
      noteAgain(.ack)
    else { return false }
    _ = note(&arrival, &closing)
    flow.noteQuiet(&detail)
    return true
  }

  // MARK: Parts

  /// Notes an ACK, where there is room for the letter.
  @inline(__always)
  private func noteACK() {
    guard !ownDetail.once.contains(.ack) else { return }
    ownDetail.noteOnce(.ack)
    detail.add(.ack, by: role)
  }

  /// Where the sequence space begins anew, that is counted apart.
  @inline(__always)
  func endsSequenceSpace(_ arrival: inout Arrival) -> Bool {
    arrival.segment.sequenceEnd.rawValue < own.next.rawValue
  }

  /// Of the end's own, all but where its FIN puts it.
  @inline(__always)
  private func noteFIN(_ arrival: inout Arrival, _ closing: inout FlowClosing) {
    let end = arrival.segment.sequenceEnd
    detail.add(.fin, by: role)
    ownDetail.noteOnce(.fin)
    ownDetail.observed = ownDetail.observed == .established ? .closed : .closedUncleanly
    own.next = end
    closing[sender].finEnd = end
    closing[sender].finAcknowledgment = arrival.segment.acknowledgment
    closing[sender].lastFIN = arrival.segment.sequence
  }

  /// Notes what each of these segments says. (`goesOn` has looked whether the count begins anew.)
  ///
  /// - Returns: whether it acknowledges more than those before.
  @inline(__always)
  private func note(_ arrival: inout Arrival, _ closing: inout FlowClosing) -> Bool {
    own.countQuietly(arrival.segment.flags)
    finish(arrival.segment, arrival.interface)
    noteOthers(&arrival, &closing)
    return own.take(acknowledgment: arrival.segment.acknowledgment, &ownDetail)
  }

  /// The same of one that was awaited.
  @inline(__always)
  private func note(_ count: FlowEnd.Count, _ arrival: inout Arrival, _ closing: inout FlowClosing) {
    own.take(count, arrival.segment.flags)
    noteOthers(&arrival, &closing)
  }

  @inline(__always)
  private func noteOthers(_ arrival: inout Arrival, _ closing: inout FlowClosing) {
    let others = arrival.segment.flags.rawValue & ~FlowEnd.flagMask
    if others != 0 { closing[laterFlagsOf: sender] |= others }
    own.window = arrival.segment.window
  }
}

extension Flow {
  /// Neither end has closed.
  @inline(__always)
  var isOpen: Bool { closedFirst == .none && closeKind == .none }

  /// One end has closed.
  @inline(__always)
  func isClosing(by closer: Role) -> Bool { closedFirst == ClosedFirst(closer) && closeKind == .none }

  /// Both have.
  @inline(__always)
  func isClosed(by closer: Role) -> Bool { closedFirst == ClosedFirst(closer) && closeKind == .fin }
}

extension Course.Close {
  var isFIN: Bool {
    @inline(__always) get { self == .firstFIN || self == .secondFIN }
  }

  /// Whether it is this step, where the flags of a segment allow it, as far as both ends have come.
  @inline(__always)
  func begins(with progress: FlowEnd.Progress.Pair) -> Bool {
    switch self {
    case .firstFIN: progress == .init(own: .open(.established), peer: .open(.established))
    case .acknowledgment: progress == .init(own: .open(.closeWait), peer: .through(.finWait1))
    case .secondFIN:
      progress == .init(own: .open(.closeWait), peer: .through(.finWait1))
        || progress == .init(own: .open(.closeWait), peer: .through(.finWait2))
    case .lastAcknowledgment: progress == .init(own: .through(.timeWait), peer: .through(.lastAck))
    case .goingOn: false
    }
  }

  /// Nil for a segment that is in no order, or where something is missing.
  @inline(__always)
  init?(isFIN: Bool, _ progress: FlowEnd.Progress.Pair) {
    switch progress {
    case .init(own: .open(.established), peer: .open(.established)):
      self = isFIN ? .firstFIN : .goingOn
    case .init(own: .open(.closeWait), peer: .through(.finWait1)):
      self = isFIN ? .secondFIN : .acknowledgment
    case .init(own: .open(.closeWait), peer: .through(.finWait2)):
      self = isFIN ? .secondFIN : .goingOn
    case .init(own: .through(.timeWait), peer: .through(.lastAck)) where !isFIN:
      self = .lastAcknowledgment
    case .init(own: .through(.finWait1), peer: .open(.closeWait)) where !isFIN,
      .init(own: .through(.finWait2), peer: .open(.closeWait)) where !isFIN:
      self = .goingOn
    default:
      return nil
    }
  }
}

extension FlowEnd.Progress.Pair {
  @inline(__always)
  init(_ flow: borrowing Flow, from sender: End) {
    let (first, second) = (flow.first.progress, flow.second.progress)
    self = sender == .first ? .init(own: first, peer: second) : .init(own: second, peer: first)
  }
}
