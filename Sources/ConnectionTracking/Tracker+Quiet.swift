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
    let controlOnlyUntil = settings.controlOnlyUntil
    let last = batch.number(from: first, before: end, time.upperBound)
    return batch.take(from: first, before: last) { arrival, answered in
      guard arrival.mayGoOn, arrival.captured > controlOnlyUntil else { return false }
      let completed = table.updateQuiet(&arrival) { arrival, flow, detail, turns in
        flow.takeQuietly(&arrival, &detail, &turns)
      }
      guard let completed else { return false }
      if completed > 0 {
        exchanges &+= Int(completed)
        answered = arrival.now
      }
      return true
    }
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
}

extension Flow {
  /// The same as the other, of a segment that may just go on and owes no letter, with its payload: where what is said is
  /// not read, and there is nothing to tell of the next turn.
  ///
  /// - Returns: how many exchanges it completed; nil, and nothing is changed, where it is not such a segment.
  @inline(__always)
  fileprivate mutating func takeQuietly(
    _ arrival: inout Arrival,
    _ detail: inout FlowDetail,
    _ turns: inout Conversation.Turns
  ) -> UInt32? {
    let sendsData = arrival.segment.payloadLength > 0
    guard quiet.of(arrival.sender, sendsData: sendsData).allowWithoutLetter else { return nil }
    if sendsData, !turnsSuffice || !turns.mayTakeUnread(role(of: arrival.sender)) { return nil }
    guard takeQuietly(&arrival, &detail, owesLetter: false) else { return nil }
    return sendsData ? takeTurn(&arrival, &turns) : 0
  }

  /// - Returns: how many exchanges it completed.
  @inline(__always)
  private mutating func takeTurn(_ arrival: inout Arrival, _ turns: inout Conversation.Turns) -> UInt32 {
    let role = role(of: arrival.sender)
    if turns.goOn(role, at: arrival.now) { return 0 }
    guard let answers = turns.takeUnread(role, at: arrival.now) else { return 0 }
    turnsSuffice = !turns.awaitSecondAnswer
    return answers.after &- answers.before
  }
}
