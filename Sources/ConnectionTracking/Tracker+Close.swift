internal import PacketDecoding

/// Segments of an orderly close.
extension Tracker {
  /// Takes one; false, and nothing is changed, when there is more to it.
  @inline(never)
  mutating func takeClose(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let isFirst = arrival.sender == .first
    guard let standings = isFirst ? close(byFirst: &arrival) : close(bySecond: &arrival) else { return false }
    observer.note(arrival.now)
    if standings.before != standings.after {
      tell(standings, &arrival, &observer)
    } else if standings.after.holdsTimeWait {
      requeue(arrival.candidate, at: arrival.now)
    }
    return true
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
    let slot = arrival.candidate
    let account = table.detail(at: slot).account
    let step = Step(before: standings.before, after: standings.after, account: account)
    if log.isOn || step.after.localSide != .unknown { note(step, &arrival) }
    if step.closes { noteClose(account, &arrival, &observer) }
    observer.moved(account, from: step.before, to: step.after)
    if step.ends { reportEnd(of: slot, &observer) }
    finish(step, &arrival)
  }

  /// Where somebody looks at each segment, or knows what is local. (The step need not be in memory for the rest.)
  @inline(never)
  private mutating func note(_ step: Step, _ arrival: inout Arrival) {
    let slot = arrival.candidate
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
