internal import PacketDecoding

/// Most segments change nothing but counters: the next data or acknowledgment of a connection that is established and
/// misses nothing. These marks say for which segments that is certain, so that hardly any of `FlowDetail` is touched.
///
/// Whatever takes a segment the long way sets them anew right after it. Both ends are established where there are any:
/// what else puts an end into another state takes them away.
struct QuietMarks: Sendable, BitwiseCopyable {
  private var bits: UInt8 = 0

  @inline(__always)
  private static func bit(_ end: End, sendsData: Bool) -> UInt8 {
    1 &<< number(end, sendsData: sendsData)
  }

  /// Below four. (A shift by what might be more than seven is looked at twice; and what gets a raw value is called in
  /// some files, and not inlined.)
  @inline(__always)
  private static func number(_ end: End, sendsData: Bool) -> UInt8 { (end == .second ? 2 : 0) | (sendsData ? 1 : 0) }

  /// Those of one kind of segment.
  struct OfKind: BitwiseCopyable {
    /// The lowest bit, and the fifth for the letter.
    fileprivate let bits: UInt8

    @inline(__always)
    var allow: Bool { bits & 0x01 != 0 }

    /// The first segment of the kind is still to come, which is a letter in the history.
    @inline(__always)
    var oweLetter: Bool { bits & 0x10 != 0 }

    @inline(__always)
    var allowWithoutLetter: Bool { bits & 0x11 == 0x01 }

    /// What there is to a segment of the kind beside going on.
    @inline(__always)
    func news(mayJustGoOn: Bool) -> News { News(bits: bits & 0x11 ^ (mayJustGoOn ? 0x01 : 0x03)) }
  }

  /// Bits, for no branch to depend on which it is: none of what just goes on, the fifth alone of a letter.
  struct News: BitwiseCopyable {
    let bits: UInt8

    /// 1 where there is more than a letter, otherwise 0.
    @inline(__always)
    var moreThanLetter: UInt8 { (bits | bits >> 1) & 1 }
  }

  @inline(__always)
  func of(_ end: End, sendsData: Bool) -> OfKind { OfKind(bits: bits &>> Self.number(end, sendsData: sendsData)) }

  var isEmpty: Bool { bits == 0 }

  /// Allows all of an end.
  ///
  /// - Parameter letters: those that need not be noted.
  @inline(__always)
  mutating func insert(_ end: End, appeared letters: FlowEndDetail.OnceLetters) {
    let owed: UInt8 = (letters.contains(.ack) ? 0 : 0x10) | (letters.contains(.data) ? 0 : 0x20)
    bits |= (owed | 0x03) &<< Self.number(end, sendsData: false)
  }

  mutating func payLetter(_ end: End, sendsData: Bool) { bits &= ~(Self.bit(end, sendsData: sendsData) << 4) }
}

extension Flow {
  /// Notes after a segment which ones can be taken quietly from now on.
  @inline(__always)
  mutating func noteQuiet(_ detail: inout FlowDetail) {
    quiet = QuietMarks()
    guard first.isSettled, second.isSettled, !detail.hasUnansweredProbe else { return }
    noteQuiet(.first, &detail)
    noteQuiet(.second, &detail)
  }

  @inline(__always)
  private mutating func noteQuiet(_ end: End, _ detail: inout FlowDetail) {
    if detail[end].isSettled { quiet.insert(end, appeared: detail[end].once) }
  }

  /// Takes a segment that does no more than go on: in order, with a window, and acknowledging nothing unseen.
  ///
  /// The same as `take`, which does it when this returns false and changes nothing. Of the detail only timestamps are
  /// looked at, where there are some, and the history gets its letter, where it is the first of its kind.
  ///
  /// What is written at the end is read again for it: there are too few registers to keep it in between.
  @inline(__always)
  mutating func takeQuietly(_ arrival: inout Arrival, _ detail: inout FlowDetail) -> Bool {
    guard arrival.segment.mayJustGoOn else { return false }
    let sender = arrival.sender
    let marks = quiet.of(sender, sendsData: arrival.segment.payloadLength > 0)
    guard marks.allow else { return false }
    return takeQuietly(&arrival, &detail, owesLetter: marks.oweLetter)
  }

  /// The same of one that the marks allow.
  @inline(__always)
  mutating func takeQuietly(_ arrival: inout Arrival, _ detail: inout FlowDetail, owesLetter: Bool) -> Bool {
    let sender = arrival.sender
    guard let step = step(&arrival, from: sender) else { return false }
    if owesLetter {
      let hasPayload = arrival.segment.payloadLength > 0
      let (number, options) = (arrival.segment.sequence, arrival.segment.options)
      guard takeFirst(from: sender, number, options, hasPayload, &detail) else { return false }
    } else if arrival.segment.options.present.timestamps {
      let value = arrival.segment.options.timestampValue
      let received = copy(of: sender.other).acknowledged
      guard detail[sender].takeTimestamp(value, at: arrival.segment.sequence, receivedUpTo: received) else {
        return false
      }
    }
    self[sender].goOn(step, with: &arrival)
    lastPacket = arrival.captured
    lastSeen = arrival.now.milliseconds
    return true
  }

  /// How far a segment that is the next of its sender takes it; nil where something about its numbers is news of another
  /// kind.
  @inline(__always)
  private mutating func step(_ arrival: inout Arrival, from sender: End) -> FlowEnd.Step? {
    let (own, peer) = (copy(of: sender), copy(of: sender.other))
    assert(own.phase == .established && peer.phase == .established)
    let (start, length) = (arrival.segment.sequence, arrival.segment.payloadLength)
    let acknowledgment = arrival.segment.acknowledgment
    let step = FlowEnd.Step(next: start &+ length, newlyAcknowledged: acknowledgment.distance(from: own.acknowledged))
    guard
      start == own.next && length <= Self.longestQuiet && step.next.rawValue >= start.rawValue
        && self[interfaceOf: sender] == arrival.interface
        && !peer.next.precedes(acknowledgment)
        && step.newlyAcknowledged != 1 && !own.isCountFull
    else { return nil }
    return step
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

  /// Far from half the sequence space, where order turns.
  private static let longestQuiet: UInt32 = 1 << 24
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
