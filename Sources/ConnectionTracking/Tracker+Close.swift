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
    guard mayBe(.firstFIN, &arrival, by: sender) else { return receiveOther(&arrival, octets, observer: &observer) }
    guard let step = takeFirstFIN(&arrival, by: sender) else {
      return receiveNews(&arrival, octets, observer: &observer)
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
    guard mayBe(.acknowledgment, &arrival, by: sender) else {
      return receiveOther(&arrival, octets, observer: &observer)
    }
    guard let step = takeFirstAcknowledgment(&arrival, by: sender) else {
      return receiveNews(&arrival, octets, observer: &observer)
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
    guard mayBe(.secondFIN, &arrival, by: sender) else { return receiveOther(&arrival, octets, observer: &observer) }
    guard let step = takeSecondFIN(&arrival, by: sender) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    _ = tell(step, &arrival, &observer)
    reportEnd(of: arrival.candidate, &observer)
    waitForTimeWait(of: arrival.candidate, at: arrival.now)
  }

  @inline(__always)
  mutating func takeLastAcknowledgment(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard mayBe(.lastAcknowledgment, &arrival, by: sender) else {
      return receiveOther(&arrival, octets, observer: &observer)
    }
    guard let step = takeLastAcknowledgment(&arrival, by: sender) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    _ = tell(step, &arrival, &observer)
    waitForRenewedTimeWait(of: sender, arrival.candidate, at: arrival.now)
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
        course.finish(&arrival)
        return true
      }
    }
    if isTaken == nil { receiveNews(&arrival, octets, observer: &observer) } else { observer.note(arrival.now) }
  }

  // MARK: Parts

  /// Whether a segment that is foreseen to be a step of the close is that, as its flags and the states of both ends tell.
  @inline(__always)
  private mutating func mayBe(_ step: Course.Close, _ arrival: inout Arrival, by sender: End) -> Bool {
    let flags = arrival.segment.flags
    return !flags.isSYN && flags.isFIN == step.isFIN
      && table.updateHotLine(arrival.candidate) { flow in step.begins(with: FlowEnd.Progress.Pair(flow, from: sender)) }
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
    noteClose(arrival.segment, from: arrival.sender, at: arrival.candidate, arrival.now, siblings: siblings)
  }
}
