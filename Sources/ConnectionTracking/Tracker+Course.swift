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
    let standings = isFirst ? answer(byFirst: &arrival, isControlOnly) : answer(bySecond: &arrival, isControlOnly)
    guard let (before, after) = standings else { return receiveNews(&arrival, octets, observer: &observer) }
    let slot = arrival.candidate
    observer.note(arrival.now)
    unansweredCount -= 1
    var account = table.detail(at: slot).account
    let step = Step(before: before, after: after, account: account)
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    if account.isShared { account = ownAccount(step, slot, &observer) }
    observer.moved(account, from: before, to: after)
    if table.hasRarities(slot) { noteHandshake(step, from: arrival.sender, at: slot, &observer) }
    if settings.asksForOwners { noteUnowned(step, at: slot) }
    // Otherwise it waits for the same as before.
    if isControlOnly { requeue(slot, at: arrival.now) }
  }

  @inline(never)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isFirst = arrival.sender == .first
    guard let (before, after) = isFirst ? acknowledge(byFirst: &arrival) : acknowledge(bySecond: &arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    observer.note(arrival.now)
    guard before != after else { return }
    let slot = arrival.candidate
    table.noteHandshake(before, after, slot, at: arrival.captured)
    let account = table.detail(at: slot).account
    if log.isOn || settings.asksForOwners { note(before, after, account, &arrival) }
    observer.moved(account, from: before, to: after)
    waitForNothing(slot, at: arrival.now)
  }

  @inline(never)
  private mutating func note(_ before: Standing, _ after: Standing, _ account: AccountKey, _ arrival: inout Arrival) {
    let slot = arrival.candidate
    let step = Step(before: before, after: after, account: account)
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    if settings.asksForOwners { noteUnowned(step, at: slot) }
  }

  // The sender is a constant, with which all that is an end's has its place.

  @inline(never)
  private mutating func answer(byFirst arrival: inout Arrival, _ isControlOnly: Bool) -> Standings? {
    answer(&arrival, by: .first, isControlOnly)
  }

  @inline(never)
  private mutating func answer(bySecond arrival: inout Arrival, _ isControlOnly: Bool) -> Standings? {
    answer(&arrival, by: .second, isControlOnly)
  }

  @inline(never)
  private mutating func acknowledge(byFirst arrival: inout Arrival) -> Standings? {
    acknowledge(&arrival, by: .first)
  }

  @inline(never)
  private mutating func acknowledge(bySecond arrival: inout Arrival) -> Standings? {
    acknowledge(&arrival, by: .second)
  }

  @inline(__always)
  private mutating func answer(_ arrival: inout Arrival, by sender: End, _ isControlOnly: Bool) -> Standings? {
    table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeAnswer(&arrival, isControlOnly) }
    }
  }

  @inline(__always)
  private mutating func acknowledge(_ arrival: inout Arrival, by sender: End) -> Standings? {
    table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.takeAcknowledgment(&arrival) }
    }
  }

  typealias Standings = (before: Standing, after: Standing)
}

extension Course {
  @inline(__always)
  fileprivate func takeAnswer(_ arrival: inout Arrival, _ isControlOnly: Bool) -> Tracker.Standings? {
    guard answer(&arrival, isControlOnly: isControlOnly) else { return nil }
    finish(&arrival)
    return (standing(client: .synSent, server: .listen), flow.standing)
  }

  @inline(__always)
  fileprivate func takeAcknowledgment(_ arrival: inout Arrival) -> Tracker.Standings? {
    let phase = peer.phase
    guard acknowledge(&arrival) else { return nil }
    finish(&arrival)
    let standing = flow.standing
    return (standing.with(phase, of: role.peer), standing)
  }

  @inline(__always)
  private func standing(client: Phase, server: Phase) -> Standing {
    Standing(
      clientPhase: client,
      serverPhase: server,
      closedFirst: flow.closedFirst,
      closeKind: flow.closeKind,
      localSide: flow.localSide
    )
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
