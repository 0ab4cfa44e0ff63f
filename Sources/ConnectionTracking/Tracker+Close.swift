internal import PacketDecoding

/// Segments of an orderly close.
extension Tracker {
  @inline(__always)
  mutating func takeClose(
    _ step: Course.Close,
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    switch step {
    case .firstFIN: takeFirstFIN(&arrival, octets, observer: &observer)
    case .acknowledgment: takeFirstAcknowledgment(&arrival, octets, observer: &observer)
    case .secondFIN: takeSecondFIN(&arrival, octets, observer: &observer)
    case .lastAcknowledgment: takeLastAcknowledgment(&arrival, octets, observer: &observer)
    case .goingOn: goOn(&arrival, octets, observer: &observer)
    }
  }

  @inline(never)
  private mutating func takeFirstFIN(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let standings = takeFirstFIN(&arrival) else { return receiveNews(&arrival, octets, observer: &observer) }
    observer.note(arrival.now)
    tell(standings, &arrival, &observer)
    waitForAcknowledgment(of: arrival.candidate, at: arrival.now)
  }

  @inline(never)
  private mutating func takeFirstAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let standings = takeFirstAcknowledgment(&arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    observer.note(arrival.now)
    tell(standings, &arrival, &observer)
    waitForNothing(arrival.candidate, at: arrival.now)
  }

  @inline(never)
  private mutating func takeSecondFIN(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let standings = takeSecondFIN(&arrival) else { return receiveNews(&arrival, octets, observer: &observer) }
    observer.note(arrival.now)
    tell(standings, &arrival, &observer)
    if standings.before.closeKind == .none, standings.after.closeKind != .none {
      reportClosed(arrival.candidate, &observer)
    }
    waitForTimeWait(of: arrival.candidate, at: arrival.now)
  }

  @inline(never)
  private mutating func takeLastAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let standings = takeLastAcknowledgment(&arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    observer.note(arrival.now)
    tell(standings, &arrival, &observer)
    waitForRenewedTimeWait(of: arrival.candidate, at: arrival.now)
  }

  @inline(never)
  private mutating func goOn(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isTaken: Bool? = table.updateClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: arrival.sender) { course in
        guard course.goOn(&arrival, &closing) != nil else { return nil }
        course.finish(&arrival)
        return true
      }
    }
    if isTaken == nil { receiveNews(&arrival, octets, observer: &observer) } else { observer.note(arrival.now) }
  }

  // MARK: Parts

  @inline(__always)
  mutating func tell(
    _ standings: Standings,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (before, after) = standings
    let account = table.detail(at: arrival.candidate).account
    if log.isOn || after.localSide != .unknown { note(before, after, account, &arrival) }
    if before.closedFirst == .none, after.closedFirst != .none { noteClose(account, &arrival, &observer) }
    observer.moved(account, from: before, to: after)
  }

  @inline(never)
  private mutating func reportClosed(_ slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    reportEnd(of: slot, &observer)
  }

  /// Where somebody looks at each segment, or knows what is local.
  @inline(never)
  private mutating func note(
    _ before: Standing,
    _ after: Standing,
    _ account: AccountKey,
    _ arrival: inout Arrival
  ) {
    let slot = arrival.candidate
    let step = Step(before: before, after: after, account: account)
    if log.isOn, step.moves {
      log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured)
    }
    noteHalfClose(step, slot)
  }

  /// What the first FIN means to the conversation.
  @inline(never)
  private mutating func noteClose(
    _ account: AccountKey,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let siblings = UInt32(clamping: observer.siblings(account))
    table.updateConversation(arrival.candidate) { flow, turns, particulars, speakers in
      let role = flow.role(of: arrival.sender)
      turns.noteClose(by: role, at: arrival.now, flow, arrival.sender, arrival.segment, &particulars, speakers)
      particulars.openSiblings = siblings
    }
  }
}
