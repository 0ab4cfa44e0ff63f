internal import PacketDecoding

/// Segments of an orderly close.
extension Tracker {
  @inline(never)
  mutating func takeClose(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isFirst = arrival.sender == .first
    guard let standings = isFirst ? close(byFirst: &arrival) : close(bySecond: &arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    observer.note(arrival.now)
    if standings.before != standings.after {
      tell(standings, &arrival, &observer)
    } else if !standings.after.holdsTimeWait {
      return
    }
    requeue(arrival.candidate, at: arrival.now)
  }

  @inline(never)
  private mutating func close(byFirst arrival: inout Arrival) -> Standings? { close(&arrival, by: .first) }

  @inline(never)
  private mutating func close(bySecond arrival: inout Arrival) -> Standings? { close(&arrival, by: .second) }

  /// - Parameter sender: a constant, with which all that is an end's has its place.
  @inline(__always)
  private mutating func close(_ arrival: inout Arrival, by sender: End) -> Standings? {
    let deadline = arrival.now + settings.timeWait
    return table.updateClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: sender) { course in
        guard let standings = course.close(&arrival, &closing, until: deadline) else { return nil }
        course.finish(&arrival)
        return standings
      }
    }
  }

  @inline(__always)
  private mutating func tell(
    _ standings: Standings,
    _ arrival: inout Arrival,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (before, after) = standings
    let account = table.detail(at: arrival.candidate).account
    if log.isOn || after.localSide != .unknown { note(before, after, account, &arrival) }
    if before.closedFirst == .none, after.closedFirst != .none { noteClose(account, &arrival, &observer) }
    observer.moved(account, from: before, to: after)
    if before.closeKind == .none, after.closeKind != .none { reportClosed(arrival.candidate, &observer) }
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
