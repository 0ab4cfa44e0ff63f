internal import PacketDecoding

/// Segments in the regular course of a connection. The same as `take`, of which little is left to do for them. Where
/// there is more to a segment, nothing is changed, and `receiveNews` takes it.
extension Tracker {
  /// Takes a segment of a connection that is known.
  @inline(__always)
  mutating func takeInCourse(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let sender = arrival.sender
    switch table.updateHotLine(arrival.candidate, { flow in Course.step(of: arrival.segment, from: sender, flow) }) {
    case .answer:
      if sender == .first {
        takeAnswer(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeAnswer(bySecond: &arrival, octets, observer: &observer)
      }
    case .acknowledgment:
      if sender == .first {
        takeAcknowledgment(byFirst: &arrival, octets, observer: &observer)
      } else {
        takeAcknowledgment(bySecond: &arrival, octets, observer: &observer)
      }
    case .close(let step): takeClose(step, &arrival, octets, observer: &observer)
    case nil: receiveNews(&arrival, octets, observer: &observer)
    }
  }

  /// The connection may be a request still.
  @inline(__always)
  private mutating func takeAnswer(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (slot, flags) = (arrival.candidate, arrival.segment.flags)
    guard flags.isSYN, !flags.isFIN else { return receiveOther(&arrival, octets, observer: &observer) }
    let isControlOnly = settings.isControlOnly(arrival.captured)
    if table.isRequest(slot) {
      guard !isControlOnly, table.answerRequest(&arrival, by: sender) else {
        return receiveOther(&arrival, octets, observer: &observer)
      }
    } else {
      let isAnswer = table.update(slot) { flow, detail in
        Course.lend(&flow, &detail, from: sender) { course in course.takeAnswer(&arrival, isControlOnly) }
      }
      guard isAnswer else { return receiveNews(&arrival, octets, observer: &observer) }
    }
    unansweredCount -= 1
    let account = table.detail(at: slot).account
    let side = table.updateHotLine(slot) { flow in flow.localSide }
    let step = isControlOnly ? RegularStep.answerAndUnseenACK : .answer
    if log.isOn || settings.asksForOwners || account.isShared || table.hasRarities(slot) {
      noteAnswer(step, side, account, &arrival, &observer)
    } else {
      _ = observer.took(step, account, side, at: arrival.now)
    }
    // Otherwise it waits for the same as before.
    if isControlOnly { waitForNothing(slot, at: arrival.now) }
  }

  /// What few answers mean besides.
  @inline(never)
  private mutating func noteAnswer(
    _ regular: RegularStep,
    _ side: LocalSide,
    _ account: AccountKey,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let slot = arrival.candidate
    let step = Step(regular, side, account)
    observer.note(arrival.now)
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    if account.isShared {
      observer.moved(ownAccount(step, slot, &observer), from: step.before, to: step.after)
    } else {
      _ = observer.took(regular, account, side, at: arrival.now)
    }
    if table.hasRarities(slot) { noteHandshake(step, from: arrival.sender, at: slot, &observer) }
    if settings.asksForOwners { noteUnowned(step, at: slot) }
  }

  @inline(__always)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    by sender: End,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard arrival.segment.flags.isBareACK else { return receiveOther(&arrival, octets, observer: &observer) }
    let isComplete = table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeHandshakeAcknowledgment(&arrival) }
    }
    if isComplete {
      completeHandshake(&arrival, &observer)
    } else {
      takeOtherAcknowledgment(&arrival, octets, observer: &observer)
    }
  }

  /// One that was not awaited.
  @inline(never)
  private mutating func takeOtherAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let sender = arrival.sender
    let moves = table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeAcknowledgment(&arrival) }
    }
    guard let moves else { return receiveNews(&arrival, octets, observer: &observer) }
    if moves { completeHandshake(&arrival, &observer) } else { observer.note(arrival.now) }
  }

  /// What the end of the handshake means besides.
  @inline(__always)
  private mutating func completeHandshake(
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let slot = arrival.candidate
    table.noteRoundTrip(slot, at: arrival.captured)
    let account = table.detail(at: slot).account
    let side = table.updateHotLine(slot) { flow in flow.localSide }
    if log.isOn || settings.asksForOwners { note(.acknowledgment, side, account, &arrival) }
    _ = observer.took(.acknowledgment, account, side, at: arrival.now)
    waitForNothing(slot, at: arrival.now)
  }

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
    if settings.asksForOwners { noteUnowned(step, at: slot) }
  }

  // The sender is a constant, with which all that is an end's has its place.

  @inline(never)
  mutating func takeAnswer(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeAnswer(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeAnswer(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeAnswer(&arrival, by: .second, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeAcknowledgment(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeAcknowledgment(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeAcknowledgment(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeAcknowledgment(&arrival, by: .second, octets, observer: &observer)
  }
}

extension FlowTable {
  /// Takes the answer to a request, of which little needs to be asked; false, and nothing is changed, where there is more
  /// to it.
  @inline(__always)
  fileprivate mutating func answerRequest(_ arrival: inout Arrival, by sender: End) -> Bool {
    let slot = arrival.candidate
    let isAnswer = updateHotLine(slot) { flow in
      flow.end(of: .server) == sender && arrival.segment.acknowledgment == flow[sender.other].next
    }
    guard isAnswer else { return false }
    let serial = beginWhole(slot)
    update(slot) { flow, detail in
      flow.makeWhole(&detail, serial: serial, answeredBy: sender, &arrival)
    }
    return true
  }
}

extension Course {
  @inline(__always)
  fileprivate func takeAnswer(_ arrival: inout Arrival, _ isControlOnly: Bool) -> Bool {
    guard allowsAnswer(&arrival) else { return false }
    answer(&arrival, isControlOnly: isControlOnly)
    // The server waits for an ACK, unless that is assumed.
    noteTime(&arrival)
    flow.noteQuiet(&detail)
    return true
  }

  @inline(__always)
  fileprivate func takeHandshakeAcknowledgment(_ arrival: inout Arrival) -> Bool {
    guard completeHandshake(&arrival) else { return false }
    noteTime(&arrival)
    return true
  }

  /// - Returns: whether it ends the handshake.
  @inline(__always)
  fileprivate func takeAcknowledgment(_ arrival: inout Arrival) -> Bool? {
    guard let moves = acknowledge(&arrival) else { return nil }
    noteTime(&arrival)
    return moves
  }

  /// What is noted with each segment that was taken, beside what the connection waits for.
  @inline(__always)
  func noteTime(_ arrival: inout Arrival) {
    flow.lastPacket = arrival.captured
    flow.lastSeen = arrival.now.milliseconds
  }
}
