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
    case .answer: takeAnswer(&arrival, octets, observer: &observer)
    case .acknowledgment: takeAcknowledgment(&arrival, octets, observer: &observer)
    case .close(let step): takeClose(step, &arrival, octets, observer: &observer)
    case nil: receiveNews(&arrival, octets, observer: &observer)
    }
  }

  @inline(never)
  private mutating func takeAnswer(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isControlOnly = settings.isControlOnly(arrival.captured)
    let isFirst = arrival.sender == .first
    guard isFirst ? answer(byFirst: &arrival, isControlOnly) : answer(bySecond: &arrival, isControlOnly) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    let slot = arrival.candidate
    unansweredCount -= 1
    let account = table.detail(at: slot).account
    let side = table.updateHotLine(slot) { flow in flow.localSide }
    // Otherwise it waits for the same as before.
    if isControlOnly || log.isOn || settings.asksForOwners || account.isShared || table.hasRarities(slot) {
      return noteAnswer(Step(.answer, side, account), isControlOnly, &arrival, &observer)
    }
    _ = observer.took(.answer, account, side, at: arrival.now)
  }

  /// What few answers mean besides.
  @inline(never)
  private mutating func noteAnswer(
    _ regular: Step,
    _ isControlOnly: Bool,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let slot = arrival.candidate
    observer.note(arrival.now)
    var step = regular
    // The handshake's ACK may be assumed.
    step.after = table.updateHotLine(slot) { flow in flow.standing }
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    let account = step.account.isShared ? ownAccount(step, slot, &observer) : step.account
    observer.moved(account, from: step.before, to: step.after)
    if table.hasRarities(slot) { noteHandshake(step, from: arrival.sender, at: slot, &observer) }
    if settings.asksForOwners { noteUnowned(step, at: slot) }
    if isControlOnly { requeue(slot, at: arrival.now) }
  }

  @inline(never)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isFirst = arrival.sender == .first
    guard let moves = isFirst ? acknowledge(byFirst: &arrival) : acknowledge(bySecond: &arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    guard moves else { return observer.note(arrival.now) }
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
  private mutating func answer(byFirst arrival: inout Arrival, _ isControlOnly: Bool) -> Bool {
    answer(&arrival, by: .first, isControlOnly)
  }

  @inline(never)
  private mutating func answer(bySecond arrival: inout Arrival, _ isControlOnly: Bool) -> Bool {
    answer(&arrival, by: .second, isControlOnly)
  }

  @inline(never)
  private mutating func acknowledge(byFirst arrival: inout Arrival) -> Bool? {
    acknowledge(&arrival, by: .first)
  }

  @inline(never)
  private mutating func acknowledge(bySecond arrival: inout Arrival) -> Bool? {
    acknowledge(&arrival, by: .second)
  }

  @inline(__always)
  private mutating func answer(_ arrival: inout Arrival, by sender: End, _ isControlOnly: Bool) -> Bool {
    table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeAnswer(&arrival, isControlOnly) }
    }
  }

  @inline(__always)
  private mutating func acknowledge(_ arrival: inout Arrival, by sender: End) -> Bool? {
    table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeAcknowledgment(&arrival) }
    }
  }
}

extension Course {
  @inline(__always)
  fileprivate func takeAnswer(_ arrival: inout Arrival, _ isControlOnly: Bool) -> Bool {
    guard answer(&arrival, isControlOnly: isControlOnly) else { return false }
    finish(&arrival)
    return true
  }

  /// - Returns: whether it ends the handshake.
  @inline(__always)
  fileprivate func takeAcknowledgment(_ arrival: inout Arrival) -> Bool? {
    guard let moves = acknowledge(&arrival) else { return nil }
    finish(&arrival)
    return moves
  }

  /// What is noted with each segment that was taken.
  @inline(__always)
  func finish(_ arrival: inout Arrival) {
    noteTime(&arrival)
    flow.noteQuiet(&detail)
  }

  /// The same once an end has sent its FIN: none is taken quietly any more.
  @inline(__always)
  func finishClosing(_ arrival: inout Arrival) {
    noteTime(&arrival)
    flow.quiet = QuietMarks()
  }

  @inline(__always)
  private func noteTime(_ arrival: inout Arrival) {
    flow.lastPacket = arrival.captured
    flow.lastSeen = arrival.now.milliseconds
  }
}
