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
    guard let (before, after) = closeUnacknowledged(&arrival) else {
      return receiveNews(&arrival, octets, observer: &observer)
    }
    let slot = arrival.candidate
    observer.note(arrival.now)
    tell((before, after), &arrival, &observer)
    if before.closeKind == .none, after.closeKind != .none { reportEnd(of: slot, &observer) }
    if after.holdsTimeWait { waitForTimeWait(of: slot, at: arrival.now) } else { requeue(slot, at: arrival.now) }
  }

  @inline(__always)
  private mutating func closeUnacknowledged(_ arrival: inout Arrival) -> Standings? {
    let (slot, sender) = (arrival.candidate, arrival.sender)
    let step: Course.Close? = table.update(slot) { flow, detail in
      guard arrival.segment.flags.isFIN, case .close(let step)? = Course.step(of: arrival.segment, from: sender, flow),
        Course.lend(&flow, &detail, from: sender, { course in course.catchUp(&arrival) })
      else { return nil }
      return step
    }
    let standings: Standings? =
      switch step {
      case .firstFIN: takeFirstFIN(&arrival)
      case .secondFIN: takeSecondFIN(&arrival)
      default: nil
      }
    guard let standings else { return nil }
    let after = table.updateHotLine(slot) { flow in
      flow.assumeAcknowledgments()
      return flow.standing
    }
    return (standings.before, after)
  }
}
