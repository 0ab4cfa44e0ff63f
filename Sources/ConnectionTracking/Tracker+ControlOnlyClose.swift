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
    // The sender is a constant, with which all that is an end's has its place.
    let step =
      arrival.sender == .first
      ? closeUnacknowledged(&arrival, by: .first) : closeUnacknowledged(&arrival, by: .second)
    guard let step else { return receiveNews(&arrival, octets, observer: &observer) }
    let siblings = tell(step, &arrival, &observer)
    if step.closes {
      noteClose(&arrival, siblings: siblings)
      waitForUnseenSecondFIN(arrival.candidate, at: arrival.now)
    } else {
      reportEnd(of: arrival.candidate, &observer)
      waitForTimeWait(of: arrival.candidate, at: arrival.now)
    }
  }

  /// Takes a FIN, with the ACK of it; nil where there is more to it, or it is no FIN.
  @inline(__always)
  private mutating func closeUnacknowledged(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    let slot = arrival.candidate
    let close: Course.Close? = table.update(slot) { flow, detail in
      guard arrival.segment.flags.isFIN, case .close(let close)? = Course.step(of: arrival.segment, from: sender, flow),
        // Before that, ACKs were seen.
        flow[sender.other].phase != .finWait1,
        Course.lend(&flow, &detail, from: sender, { course in course.catchUp(&arrival) })
      else { return nil }
      return close
    }
    let step: RegularStep? =
      switch close {
      case .firstFIN: takeFirstUnseenFIN(&arrival, by: sender)
      case .secondFIN: takeSecondFIN(&arrival, by: sender)
      default: nil
      }
    guard let step else { return nil }
    return table.update(slot) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.assumeAcknowledgment(of: step) }
    }
  }
}
