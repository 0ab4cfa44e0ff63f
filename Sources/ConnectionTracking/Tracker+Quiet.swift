internal import PacketDecoding

/// Runs of segments that do no more than go on.
///
/// What `receive` does with each of them, in a loop that tells the observer nothing: beside calls to that, hardly
/// anything would stay in registers. The log hears of none either: an end's first payload is a letter that is owed.
extension Tracker {
  /// Takes segments of the batch for as long as they do, and came in time.
  ///
  /// - Returns: the number of the first that was not taken.
  @inline(never)
  mutating func takeQuietly(
    _ batch: inout ArrivalBatch,
    from first: Int,
    before end: Int,
    at time: PartialRangeUpTo<Instant>
  ) -> Int {
    var last = batch.number(from: first, before: end, time.upperBound)
    // As a rule it never was, and nothing is compared for each.
    if settings.controlOnlyUntil != TrackerSettings.neverControlOnly {
      last = batch.number(from: first, before: last, capturedAfter: settings.controlOnlyUntil)
    }
    let places = table.quietPlaces
    // In places of their own: the tracker's would be written each time.
    var completed = 0
    var answered = Instant(nanoseconds: 0)
    let stop = batch.take(from: first, before: last) { arrival in
      arrival.mayGoOn
        && places.lend(&arrival) { arrival, course, place in
          guard arrival.segment.payloadLength == 0 || course.flow.turnsSuffice, course.goOn(&arrival) else {
            return false
          }
          guard arrival.segment.payloadLength > 0 else { return true }
          let (sender, now) = (arrival.sender, arrival.now)
          let exchanges = places.updateTurns(at: place) { turns in course.takeTurn(&turns, of: sender, at: now) }
          completed &+= Int(exchanges)
          answered = exchanges == 0 ? answered : now
          return true
        }
    }
    if completed > 0 {
      exchanges &+= completed
      batch.answered = answered
    }
    return stop
  }
}

extension ArrivalBatch {
  /// The number of the first, from one on and before another, that did not come before a moment: they came in order.
  /// Where not all came before it, no more than some are looked at, and taken.
  @inline(__always)
  fileprivate mutating func number(from first: Int, before end: Int, _ moment: Instant) -> Int {
    var number = min(end, count)
    guard number > first, self[number &- 1].now >= moment else { return number }
    number = min(number, first &+ LookAhead.atOnce)
    while number > first, self[number &- 1].now >= moment { number &-= 1 }
    return number
  }

  /// That of the first that was not captured after a moment.
  @inline(never)
  fileprivate mutating func number(from first: Int, before end: Int, capturedAfter moment: Timestamp) -> Int {
    var number = first
    while number < end, self[number].captured > moment { number &+= 1 }
    return number
  }
}

extension QuietCourse {
  /// Takes the turn of a segment with payload, where the turns suffice.
  ///
  /// - Returns: how many exchanges it completed.
  @inline(__always)
  fileprivate func takeTurn(_ turns: inout Conversation.Turns, of sender: End, at now: Instant) -> UInt32 {
    let completed = turns.goOn(flow.role(of: sender), at: now)
    if turns.awaitSecondAnswer { flow.turnsSuffice = false }
    return completed
  }
}
