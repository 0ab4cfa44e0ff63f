internal import PacketDecoding

/// Which segments of a connection do no more than go on.
extension Flow {
  /// Notes after a segment which ones can be taken quietly from now on.
  @inline(__always)
  mutating func noteQuiet(_ detail: inout FlowDetail) {
    quiet = QuietMarks()
    guard first.isSettled, second.isSettled, !detail.hasUnansweredProbe else { return noteAwaited(&detail) }
    noteQuiet(.first, &detail)
    noteQuiet(.second, &detail)
  }

  @inline(__always)
  private mutating func noteQuiet(_ end: End, _ detail: inout FlowDetail) {
    if detail[end].isSettled { quiet.insert(end, appeared: detail[end].once) }
  }

  /// Takes a segment that does no more than go on, and the history's letter where it is the first of its kind.
  ///
  /// The same as `take`, which does it when this returns false and changes nothing.
  @inline(__always)
  mutating func takeQuietly(_ arrival: inout Arrival, _ detail: inout FlowDetail) -> Bool {
    guard arrival.segment.mayJustGoOn else { return false }
    let sender = arrival.sender
    let marks = quiet.of(sender, sendsData: arrival.segment.payloadLength > 0)
    guard marks.allow else { return false }
    guard marks.oweLetter else {
      return QuietCourse.lend(&self, &detail, from: sender) { course in course.goOn(&arrival) }
    }
    return takeFirst(of: sender, &arrival, &detail)
  }

  /// The first of its kind that the marks allow.
  @inline(__always)
  private mutating func takeFirst(of sender: End, _ arrival: inout Arrival, _ detail: inout FlowDetail) -> Bool {
    let count = QuietCourse.lend(&self, &detail, from: sender) { course in course.count(after: &arrival) }
    guard let count else { return false }
    let hasPayload = arrival.segment.payloadLength > 0
    let (number, options) = (arrival.segment.sequence, arrival.segment.options)
    guard takeFirst(from: sender, number, options, hasPayload, &detail) else { return false }
    QuietCourse.lend(&self, &detail, from: sender) { course in course.take(count, &arrival) }
    return true
  }

  /// What the first segment of its kind changes of the detail; false, and nothing is changed, when there is more to it.
  /// (A segment is large: not all of it, for a call.)
  @inline(never)
  private mutating func takeFirst(
    from sender: End,
    _ number: SequenceNumber,
    _ options: TCPOptions,
    _ hasPayload: Bool,
    _ detail: inout FlowDetail
  ) -> Bool {
    guard detail.hasRoomForLetters else { return false }
    if options.present.timestamps {
      let received = self[sender.other].acknowledged
      guard detail[sender].takeTimestamp(options.timestampValue, at: number, receivedUpTo: received) else {
        return false
      }
    }
    let letter = hasPayload ? History.Letter.data : .ack
    detail[sender].noteOnce(letter)
    detail.add(letter, by: role(of: sender))
    quiet.payLetter(sender, sendsData: hasPayload)
    return true
  }
}

extension FlowEndDetail {
  /// What `Flow.noteTimestamp` does, in place. False, and nothing is changed, when PAWS would reject the segment.
  @inline(__always)
  fileprivate mutating func takeTimestamp(
    _ value: UInt32,
    at number: SequenceNumber,
    receivedUpTo received: SequenceNumber
  ) -> Bool {
    if sentTimestamps, Int32(bitPattern: value &- recentTimestamp) < 0 { return false }
    if received.precedes(number) { return true }
    recentTimestamp = value
    sentTimestamps = true
    return true
  }
}
