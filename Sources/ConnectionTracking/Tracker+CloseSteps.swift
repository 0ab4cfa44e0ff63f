internal import PacketDecoding

/// What the steps of an orderly close change of a connection; nil, and nothing is changed, where there is more to one.
///
/// The sender is a constant in what these go on with, with which all that is an end's has its place.
extension Tracker {
  @inline(__always)
  mutating func takeFirstFIN(_ arrival: inout Arrival) -> RegularStep? {
    arrival.sender == .first ? takeFirstFIN(byFirst: &arrival) : takeFirstFIN(bySecond: &arrival)
  }

  @inline(never)
  private mutating func takeFirstFIN(byFirst arrival: inout Arrival) -> RegularStep? {
    takeFirstFIN(&arrival, by: .first)
  }

  @inline(never)
  private mutating func takeFirstFIN(bySecond arrival: inout Arrival) -> RegularStep? {
    takeFirstFIN(&arrival, by: .second)
  }

  @inline(__always)
  private mutating func takeFirstFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    let isAllowed = table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.allowsFirstFIN(&arrival) }
    }
    guard isAllowed else { return nil }
    table.beginClosing(arrival.candidate)
    return close(&arrival, by: sender) { course, arrival, closing, _ in course.takeFirstFIN(&arrival, &closing) }
  }

  @inline(__always)
  mutating func takeFirstAcknowledgment(_ arrival: inout Arrival) -> RegularStep? {
    arrival.sender == .first
      ? close(&arrival, by: .first) { course, arrival, closing, _ in
        course.takeFirstAcknowledgment(&arrival, &closing)
      }
      : close(&arrival, by: .second) { course, arrival, closing, _ in
        course.takeFirstAcknowledgment(&arrival, &closing)
      }
  }

  @inline(__always)
  mutating func takeSecondFIN(_ arrival: inout Arrival) -> RegularStep? {
    arrival.sender == .first ? takeSecondFIN(byFirst: &arrival) : takeSecondFIN(bySecond: &arrival)
  }

  @inline(never)
  private mutating func takeSecondFIN(byFirst arrival: inout Arrival) -> RegularStep? {
    close(&arrival, by: .first) { $0.takeSecondFIN(&$1, &$2, until: $3) }
  }

  @inline(never)
  private mutating func takeSecondFIN(bySecond arrival: inout Arrival) -> RegularStep? {
    close(&arrival, by: .second) { $0.takeSecondFIN(&$1, &$2, until: $3) }
  }

  @inline(__always)
  mutating func takeLastAcknowledgment(_ arrival: inout Arrival) -> RegularStep? {
    arrival.sender == .first
      ? takeLastAcknowledgment(byFirst: &arrival) : takeLastAcknowledgment(bySecond: &arrival)
  }

  @inline(never)
  private mutating func takeLastAcknowledgment(byFirst arrival: inout Arrival) -> RegularStep? {
    close(&arrival, by: .first) { $0.takeLastAcknowledgment(&$1, &$2, until: $3) }
  }

  @inline(never)
  private mutating func takeLastAcknowledgment(bySecond arrival: inout Arrival) -> RegularStep? {
    close(&arrival, by: .second) { $0.takeLastAcknowledgment(&$1, &$2, until: $3) }
  }

  private typealias Taking = (borrowing Course, inout Arrival, inout FlowClosing, Instant) -> RegularStep?

  @inline(__always)
  private mutating func close(_ arrival: inout Arrival, by sender: End, _ take: Taking) -> RegularStep? {
    let deadline = arrival.now + settings.timeWait
    return table.updateKeptClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: sender) { course in
        guard let step = take(course, &arrival, &closing, deadline) else { return nil }
        course.finishClosing(&arrival)
        return step
      }
    }
  }
}
