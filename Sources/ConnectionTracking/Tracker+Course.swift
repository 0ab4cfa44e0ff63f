internal import PacketDecoding

/// Segments in the regular course of a connection. The same as `open` and `take`, of which little is left to do for
/// them. Where there is more to a segment, nothing is changed, and `receiveNews` takes it.
extension Tracker {
  /// Opens a connection that is not known with a SYN that nothing is odd about.
  @inline(never)
  mutating func openPlainly(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard Flow.mayOpenPlainly(arrival.segment) else { return receiveNews(&arrival, octets, observer: &observer) }
    observer.note(arrival.now)
    makeRoom(forHandshake: true, observer: &observer)
    let (client, server) = (arrival.segment.source, arrival.segment.destination)
    let (side, forwards) = settings.withHost(arrival.namespace) { host in
      (host.localAddresses.side(client: client, server: server), host.forwards)
    }
    guard let slot = table.insert(arrival.isWide ? arrival.key : nil, tag: arrival.tag) else { return }
    table.update(slot) { flow, detail in
      flow = Flow(&arrival)
      detail = FlowDetail(serial: nextSerial)
      detail.isPartial = settings.isControlOnly(arrival.captured)
      flow.localSide = side
      switch arrival.sender {
      case .first: flow.openPlainly(&arrival, from: .first, &detail)
      case .second: flow.openPlainly(&arrival, from: .second, &detail)
      }
    }
    table[stayAt: slot].start = arrival.captured
    nextSerial += 1
    unansweredCount += 1
    let account = observer.opened(
      client: client,
      server: server,
      namespace: arrival.namespace,
      .unanswered(side)
    )
    table.update(slot) { $1.account = account }
    if settings.asksForOwners { noteUnowned(at: slot) }
    enqueue(slot, in: .halfOpen, until: arrival.now + settings.halfOpen)
    if forwards { noteUnconfirmed(slot, at: arrival.now, observer: &observer) }
  }

  /// Takes a segment of a connection that is known.
  @inline(__always)
  mutating func takeInCourse(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    switch table.updateHotLine(arrival.candidate, { flow in Course.step(of: arrival.segment, flow) }) {
    case .answer: takeAnswer(&arrival, octets, observer: &observer)
    case .acknowledgment: takeAcknowledgment(&arrival, octets, observer: &observer)
    case .close: takeClose(&arrival, octets, observer: &observer)
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
    guard let standings else { return receiveNews(&arrival, octets, observer: &observer) }
    guard let step = step(standings, &arrival, &observer) else { return }
    report(step, arrival.candidate, &observer)
    noteHandshake(step, from: arrival.sender, at: arrival.candidate, &observer)
    finish(step, &arrival)
  }

  @inline(never)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isFirst = arrival.sender == .first
    guard let standings = isFirst ? acknowledge(byFirst: &arrival) : acknowledge(bySecond: &arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    guard let step = step(standings, &arrival, &observer) else { return }
    observer.moved(step.account, from: step.before, to: step.after)
    finish(step, &arrival)
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
