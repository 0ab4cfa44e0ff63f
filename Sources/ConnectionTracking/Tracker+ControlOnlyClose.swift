internal import PacketDecoding

/// Segments of known connections while capture passes SYN, FIN and RST alone.
extension Tracker {
  /// The same as `receiveNews`, of which little is left to do for the FINs of an orderly close. Nobody waits for the
  /// ACKs of these, which go unseen.
  @inline(never)
  mutating func takeControlOnly(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let step = closeUnacknowledged(&arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    let slot = arrival.candidate
    observer.note(arrival.now)
    if log.isOn { log(arrival.segment, from: arrival.sender, at: slot, step, captured: arrival.captured) }
    noteHalfClose(step, slot)
    if step.closes { noteClose(&arrival, siblings: observer.siblings(step.account)) }
    observer.moved(step.account, from: step.before, to: step.after)
    if step.ends { reportEnd(of: slot, &observer) }
    if step.after.holdsTimeWait { waitForTimeWait(of: slot, at: arrival.now) } else { requeue(slot, at: arrival.now) }
  }

  @inline(__always)
  private mutating func closeUnacknowledged(_ arrival: inout Arrival) -> Step? {
    let (slot, sender) = (arrival.candidate, arrival.sender)
    let before = table.updateHotLine(slot) { flow in flow.standing }
    let close: Course.Close? = table.update(slot) { flow, detail in
      guard arrival.segment.flags.isFIN, case .close(let close)? = Course.step(of: arrival.segment, from: sender, flow),
        Course.lend(&flow, &detail, from: sender, { course in course.catchUp(&arrival) })
      else { return nil }
      return close
    }
    let isTaken =
      switch close {
      case .firstFIN:
        sender == .first ? takeFirstFIN(&arrival, by: .first) != nil : takeFirstFIN(&arrival, by: .second) != nil
      case .secondFIN:
        sender == .first ? takeSecondFIN(&arrival, by: .first) != nil : takeSecondFIN(&arrival, by: .second) != nil
      default: false
      }
    guard isTaken else { return nil }
    return table.update(slot) { flow, detail in
      flow.assumeAcknowledgments()
      return Step(before: before, after: flow.standing, account: detail.account)
    }
  }
}
