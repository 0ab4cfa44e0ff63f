internal import PacketDecoding

/// Segments in the regular course of a connection. The same as `open` and `take`, of which little is left to do for
/// them.
extension Tracker {
  /// Opens a connection that is not known with a SYN that nothing is odd about; false, and nothing is changed, for all
  /// else.
  @inline(never)
  mutating func openPlainly(
    _ arrival: inout Arrival,
    isControlOnly: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    guard Flow.mayOpenPlainly(arrival.segment) else { return false }
    observer.note(arrival.now)
    makeRoom(forHandshake: true, observer: &observer)
    let (client, server) = (arrival.segment.source, arrival.segment.destination)
    let (side, forwards) = settings.withHost(arrival.namespace) { host in
      (host.localAddresses.side(client: client, server: server), host.forwards)
    }
    guard let slot = table.insert(arrival.isWide ? arrival.key : nil, tag: arrival.tag) else { return true }
    let standing = table.update(slot) { flow, detail in
      flow = Flow(&arrival)
      detail = FlowDetail(serial: nextSerial)
      detail.isPartial = isControlOnly
      flow.localSide = side
      flow.openPlainly(arrival.segment, from: arrival.sender, interface: arrival.interface, &detail)
      return flow.standing
    }
    table[stayAt: slot].start = arrival.captured
    nextSerial += 1
    let account = observer.opened(client: client, server: server, namespace: arrival.namespace, standing)
    table.update(slot) { $1.account = account }
    if settings.asksForOwners { noteUnowned(at: slot) }
    enqueue(slot, in: .halfOpen, until: arrival.now + settings.halfOpen)
    if forwards { noteUnconfirmed(slot, at: arrival.now, observer: &observer) }
    return true
  }

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
    takeOfHandshake(&arrival, observer: &observer) { course, arrival in
      guard course.answer(arrival.segment, interface: arrival.interface) else { return false }
      if isControlOnly { course.flow.assumeAcknowledgments() }
      return true
    }
  }

  @inline(never)
  private mutating func takeAcknowledgment(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    takeOfHandshake(&arrival, observer: &observer) { course, arrival in
      course.acknowledge(arrival.segment, interface: arrival.interface)
    }
  }

  /// - Parameter take: takes the segment; false, and nothing is changed, when there is more to it.
  @inline(__always)
  private mutating func takeOfHandshake(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable),
    _ take: (borrowing Course, inout Arrival) -> Bool
  ) -> Bool {
    let standings: Standings? = table.course(arrival.candidate, from: arrival.sender) { course in
      let before = course.flow.standing
      guard take(course, &arrival) else { return nil }
      course.finish(&arrival)
      return (before, course.flow.standing)
    }
    guard let standings, let step = step(standings, &arrival, &observer) else { return standings != nil }
    report(step, arrival.candidate, &observer)
    if arrival.segment.flags.isSYN { noteHandshake(step, from: arrival.sender, at: arrival.candidate, &observer) }
    finish(step, &arrival)
    return true
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
  /// What is noted with each segment that was taken.
  @inline(__always)
  func finish(_ arrival: inout Arrival) {
    flow.lastPacket = arrival.captured
    flow.lastSeen = arrival.now.milliseconds
    flow.noteQuiet(&detail)
  }
}
