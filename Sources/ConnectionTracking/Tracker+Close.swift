internal import PacketDecoding

/// Segments of an orderly close.
extension Tracker {
  /// - Parameter step: what it is, as its flags and the states of both ends say.
  @inline(__always)
  mutating func takeClose(
    _ step: Course.Close,
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isFirst = arrival.sender == .first
    switch step {
    case .firstFIN:
      if isFirst {
        takeFirstFIN(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeFirstFIN(bySecond: &arrival, octets, observer: &observer)
      }
    case .acknowledgment:
      if isFirst {
        takeFirstAcknowledgment(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeFirstAcknowledgment(bySecond: &arrival, octets, observer: &observer)
      }
    case .secondFIN:
      if isFirst {
        takeSecondFIN(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeSecondFIN(bySecond: &arrival, octets, observer: &observer)
      }
    case .lastAcknowledgment:
      if isFirst {
        takeLastAcknowledgment(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeLastAcknowledgment(bySecond: &arrival, octets, observer: &observer)
      }
    case .goingOn: goOn(&arrival, octets, observer: &observer)
    }
  }

  @inline(__always)
  mutating func takeFirstFIN(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard hasFlags(of: .firstFIN, &arrival), let step = takeFirstFIN(&arrival, by: sender) else {
      return receiveUnawaited(.firstFIN, &arrival, octets, observer: &observer)
    }
    let siblings = tell(step, &arrival, &observer)
    noteClose(&arrival, siblings: siblings)
    waitForAcknowledgment(of: arrival.candidate, at: arrival.now)
  }

  @inline(__always)
  mutating func takeFirstAcknowledgment(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard hasFlags(of: .acknowledgment, &arrival), let step = takeFirstAcknowledgment(&arrival, by: sender) else {
      return receiveUnawaited(.acknowledgment, &arrival, octets, observer: &observer)
    }
    _ = tell(step, &arrival, &observer)
    waitForSecondFIN(arrival.candidate, at: arrival.now)
  }

  @inline(__always)
  mutating func takeSecondFIN(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard hasFlags(of: .secondFIN, &arrival), let step = takeSecondFIN(&arrival, by: sender) else {
      return receiveUnawaited(.secondFIN, &arrival, octets, observer: &observer)
    }
    waitForTimeWait(of: arrival.candidate, at: arrival.now)
    _ = tell(step, &arrival, &observer)
    reportEnd(of: arrival.candidate, &observer)
  }

  @inline(__always)
  mutating func takeLastAcknowledgment(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    var deadline = arrival.now + settings.timeWait
    guard hasFlags(of: .lastAcknowledgment, &arrival),
      let step = takeLastAcknowledgment(&arrival, by: sender, until: &deadline)
    else {
      return receiveUnawaited(.lastAcknowledgment, &arrival, octets, observer: &observer)
    }
    _ = tell(step, &arrival, &observer)
    waitForRenewedTimeWait(of: arrival.candidate, until: deadline, at: arrival.now)
  }

  @inline(never)
  private mutating func goOn(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isTaken: Bool? = table.updateClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: arrival.sender) { course in
        guard course.goOn(&arrival, &closing) else { return nil }
        course.noteTime(&arrival)
        return true
      }
    }
    if isTaken == nil { receiveNews(&arrival, octets, observer: &observer) } else { observer.note(arrival.now) }
  }

  // MARK: Parts

  /// Whether a segment that is foreseen to be a step of the close has its flags.
  @inline(__always)
  private func hasFlags(of step: Course.Close, _ arrival: inout Arrival) -> Bool {
    let flags = arrival.segment.flags
    return !flags.isSYN && flags.isFIN == step.isFIN
  }

  /// Whether it is that step, as its flags and the states of both ends tell.
  @inline(__always)
  private mutating func mayBe(_ step: Course.Close, _ arrival: inout Arrival, by sender: End) -> Bool {
    hasFlags(of: step, &arrival)
      && table.updateHotLine(arrival.candidate) { flow in step.begins(with: FlowEnd.Progress.Pair(flow, from: sender)) }
  }

  /// Takes what was foreseen to be a step that the connection waits for, and is not.
  @inline(never)
  private mutating func receiveUnawaited(
    _ step: Course.Close,
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if mayBe(step, &arrival, by: arrival.sender) {
      receiveNews(&arrival, octets, observer: &observer)
    } else {
      receiveOther(&arrival, octets, observer: &observer)
    }
  }

  /// - Returns: what the observer does.
  @inline(__always)
  mutating func tell(
    _ step: RegularStep,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Int {
    let account = table.detail(at: arrival.candidate).account
    let side = table.updateHotLine(arrival.candidate) { flow in flow.localSide }
    if log.isOn || side != .unknown { note(step, side, account, &arrival) }
    return observer.took(step, account, side, at: arrival.now)
  }

  /// Where somebody looks at each segment, or knows what is local.
  @inline(never)
  private mutating func note(
    _ regular: RegularStep,
    _ side: LocalSide,
    _ account: AccountKey,
    _ arrival: inout Arrival
  ) {
    let slot = arrival.candidate
    let step = Step(regular, side, account)
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    if side != .transit { noteHalfClose(step, slot) }
  }

  /// What the first FIN means to the conversation.
  @inline(never)
  mutating func noteClose(_ arrival: inout Arrival, siblings: Int) {
    table.updateKeptConversation(arrival.candidate) { flow, turns, particulars, speakers in
      let role = flow.role(of: arrival.sender)
      turns.noteClose(by: role, at: arrival.now, &flow, arrival.sender, arrival.segment, &particulars, speakers)
      particulars.openSiblings = UInt32(clamping: siblings)
    }
  }
}
