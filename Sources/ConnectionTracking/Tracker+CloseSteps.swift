internal import PacketDecoding

/// What the steps of an orderly close change of a connection; nil, and nothing is changed, where there is more to one.
///
/// The sender is a constant in what these are called with, with which all that is an end's has its place.
extension Tracker {
  @inline(__always)
  mutating func takeFirstFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    beginClosing(&arrival, by: sender) { course, arrival in course.allowsFirstFIN(&arrival) }
  }

  /// The same where no ACK may have been seen before.
  @inline(__always)
  mutating func takeFirstUnseenFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    beginClosing(&arrival, by: sender) { course, arrival in course.allowsFirstUnseenFIN(&arrival) }
  }

  @inline(__always)
  private mutating func beginClosing(
    _ arrival: inout Arrival,
    by sender: End,
    where isAllowed: (borrowing Course, inout Arrival) -> Bool
  ) -> RegularStep? {
    let isAllowed = table.update(arrival.candidate) { flow, detail in
      Course.lend(&flow, &detail, from: sender) { course in isAllowed(course, &arrival) }
    }
    guard isAllowed else { return nil }
    table.beginClosing(arrival.candidate)
    var deadline = arrival.now
    return close(&arrival, by: sender, until: &deadline) { course, arrival, closing, _ in
      course.takeFirstFIN(&arrival, &closing)
    }
  }

  @inline(__always)
  mutating func takeFirstAcknowledgment(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    var deadline = arrival.now
    return close(&arrival, by: sender, until: &deadline) { course, arrival, closing, _ in
      course.takeFirstAcknowledgment(&arrival, &closing)
    }
  }

  @inline(__always)
  mutating func takeSecondFIN(_ arrival: inout Arrival, by sender: End) -> RegularStep? {
    var deadline = arrival.now + settings.timeWait
    return close(&arrival, by: sender, until: &deadline) { course, arrival, closing, deadline in
      course.takeSecondFIN(&arrival, &closing, until: deadline)
    }
  }

  /// - Parameter deadline: of the TIME_WAIT that the sender holds then.
  @inline(__always)
  mutating func takeLastAcknowledgment(
    _ arrival: inout Arrival,
    by sender: End,
    until deadline: inout Instant
  ) -> RegularStep? {
    close(&arrival, by: sender, until: &deadline) { course, arrival, closing, deadline in
      course.takeLastAcknowledgment(&arrival, &closing, until: &deadline)
    }
  }

  private typealias Taking = (borrowing Course, inout Arrival, inout FlowClosing, inout Instant) -> RegularStep?

  @inline(__always)
  private mutating func close(
    _ arrival: inout Arrival,
    by sender: End,
    until deadline: inout Instant,
    _ take: Taking
  ) -> RegularStep? {
    table.updateKeptClosing(arrival.candidate) { flow, detail, closing in
      Course.lend(&flow, &detail, from: sender) { course in
        guard let step = take(course, &arrival, &closing, &deadline) else { return nil }
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
