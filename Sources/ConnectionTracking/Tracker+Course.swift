internal import PacketDecoding

/// Segments in the regular course of a connection. The same as `take`, of which little is left to do for them.
extension Tracker {
  /// Takes a segment of a connection that is known; false, and nothing is changed, when there is more to it.
  @inline(__always)
  mutating func takeInCourse(
    _ arrival: inout Arrival,
    isControlOnly: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    switch table.updateHotLine(arrival.candidate, { flow in Course.step(of: arrival.segment, flow) }) {
    case .answer: takeAnswer(&arrival, isControlOnly: isControlOnly, observer: &observer)
    case .acknowledgment: takeAcknowledgment(&arrival, observer: &observer)
    case .close: takeClose(&arrival, observer: &observer)
    case nil: false
    }
  }

  @inline(never)
  private mutating func takeAnswer(
    _ arrival: inout Arrival,
    isControlOnly: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let isFirst = arrival.sender == .first
    let standings = isFirst ? answer(byFirst: &arrival, isControlOnly) : answer(bySecond: &arrival, isControlOnly)
    guard let standings, let step = step(standings, &arrival, &observer) else { return standings != nil }
    report(step, arrival.candidate, &observer)
    noteHandshake(step, from: arrival.sender, at: arrival.candidate, &observer)
    finish(step, &arrival)
    return true
  }

  @inline(never)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let isFirst = arrival.sender == .first
    let standings = isFirst ? acknowledge(byFirst: &arrival) : acknowledge(bySecond: &arrival)
    guard let standings, let step = step(standings, &arrival, &observer) else { return standings != nil }
    observer.moved(step.account, from: step.before, to: step.after)
    finish(step, &arrival)
    return true
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

  /// What there is to tell of a segment that was taken; nil when it moved nothing.
  @inline(__always)
  private mutating func step(
    _ standings: Standings,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Step? {
    observer.note(arrival.now)
    guard standings.before != standings.after else { return nil }
    table.noteHandshake(standings.before, standings.after, arrival.candidate, at: arrival.captured)
    let account = table.detail(at: arrival.candidate).account
    let step = Step(before: standings.before, after: standings.after, account: account)
    if log.isOn, step.moves {
      log(arrival.segment, from: arrival.sender, at: arrival.candidate, step, captured: arrival.captured)
    }
    return step
  }

  @inline(__always)
  mutating func finish(_ step: Step, _ arrival: inout Arrival) {
    if settings.asksForOwners { noteUnowned(step, at: arrival.candidate) }
    requeue(arrival.candidate, at: arrival.now)
  }
}

extension Course {
  @inline(__always)
  fileprivate func takeAnswer(_ arrival: inout Arrival, _ isControlOnly: Bool) -> Tracker.Standings? {
    let before = flow.standing
    guard answer(&arrival, isControlOnly: isControlOnly) else { return nil }
    finish(&arrival)
    return (before, flow.standing)
  }

  @inline(__always)
  fileprivate func takeAcknowledgment(_ arrival: inout Arrival) -> Tracker.Standings? {
    let before = flow.standing
    guard acknowledge(&arrival) else { return nil }
    finish(&arrival)
    return (before, flow.standing)
  }

  /// What is noted with each segment that was taken.
  @inline(__always)
  func finish(_ arrival: inout Arrival) {
    flow.lastPacket = arrival.captured
    flow.lastSeen = arrival.now.milliseconds
    flow.noteQuiet(&detail)
  }
}
