internal import PacketDecoding

/// What the steps of an orderly close change of a connection; nil, and nothing is changed, where there is more to one.
///
/// The sender is a constant in what these are called with, with which all that is an end's has its place.
extension Tracker {
  @inline(__always)
  mutating func takeFirstFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    let isAllowed = table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in course.allowsFirstFIN(&arrival) }
    }
    guard isAllowed else { return nil }
    table.beginClosing(arrival.candidate)
    return close(&arrival, by: sender) { course, arrival, closing, _ in course.takeFirstFIN(&arrival, &closing) }
  }

  @inline(__always)
  mutating func takeFirstAcknowledgment(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    close(&arrival, by: sender) { course, arrival, closing, _ in course.takeFirstAcknowledgment(&arrival, &closing) }
  }

  @inline(__always)
  mutating func takeSecondFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    close(&arrival, by: sender) { $0.takeSecondFIN(&$1, &$2, until: $3) }
  }

  @inline(__always)
  mutating func takeLastAcknowledgment(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    close(&arrival, by: sender) { $0.takeLastAcknowledgment(&$1, &$2, until: $3) }
  }

  private typealias Taking = (borrowing Course, inout Arrival, inout FlowClosing, Instant) -> RegularStep?

  @inline(__always)
  private mutating func close(_ arrival: inout Arrival, by sender: End, _ take: Taking) -> RegularStep? {
    let deadline = arrival.now + settings.timeWait
    return table.updateKeptClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: sender) { course in
        guard let step = take(course, &arrival, &closing, deadline) else { return nil }
        course.noteTime(&arrival)
        return step
      }
    }
  }
}

/// The same of each end, for one jump to go to.
extension Tracker {
  @inline(never)
  mutating func takeFirstFIN(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeFirstFIN(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeFirstFIN(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeFirstFIN(&arrival, by: .second, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeFirstAcknowledgment(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeFirstAcknowledgment(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeFirstAcknowledgment(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeFirstAcknowledgment(&arrival, by: .second, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeSecondFIN(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeSecondFIN(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeSecondFIN(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeSecondFIN(&arrival, by: .second, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeLastAcknowledgment(
    byFirst arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeLastAcknowledgment(&arrival, by: .first, octets, observer: &observer)
  }

  @inline(never)
  mutating func takeLastAcknowledgment(
    bySecond arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    takeLastAcknowledgment(&arrival, by: .second, octets, observer: &observer)
  }
}
