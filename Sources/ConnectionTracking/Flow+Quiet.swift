internal import PacketDecoding

/// Most segments change nothing but counters: the next data or acknowledgment of a connection that is established and
/// misses nothing. These marks say for which segments that is certain, so that hardly any of `FlowDetail` is touched.
///
/// Whatever takes a segment the long way sets them anew right after it.
struct QuietMarks: Sendable, BitwiseCopyable {
  private var bits: UInt8 = 0

  @inline(__always)
  private static func bit(_ end: End, sendsData: Bool) -> UInt8 {
    1 &<< number(end, sendsData: sendsData)
  }

  /// Below four. (A shift by what might be more than seven is looked at twice.)
  @inline(__always)
  private static func number(_ end: End, sendsData: Bool) -> UInt8 { end.rawValue << 1 | (sendsData ? 1 : 0) }

  @inline(__always)
  func allow(_ end: End, sendsData: Bool) -> Bool { bits & Self.bit(end, sendsData: sendsData) != 0 }

  /// Whether the first segment of the kind is still to come, which is a letter in the history.
  @inline(__always)
  func oweLetter(_ end: End, sendsData: Bool) -> Bool { bits & Self.bit(end, sendsData: sendsData) << 4 != 0 }

  /// And it is not the first of the kind.
  @inline(__always)
  func allowWithoutLetter(_ end: End, sendsData: Bool) -> Bool {
    // Its bit, and four above it the letter's.
    bits &>> Self.number(end, sendsData: sendsData) & 0x11 == 0x01
  }

  var isEmpty: Bool { bits == 0 }

  /// Allows all of an end.
  ///
  /// - Parameter letters: those that need not be noted.
  @inline(__always)
  mutating func insert(_ end: End, appeared letters: FlowEndDetail.OnceLetters) {
    let owed: UInt8 = (letters.contains(.ack) ? 0 : 0x10) | (letters.contains(.data) ? 0 : 0x20)
    bits |= (owed | 0x03) << (end.rawValue << 1)
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
  @inline(__always)
  mutating func takeQuietly(
    _ segment: Segment,
    from sender: End,
    interface: UInt8,
    _ detail: inout FlowDetail
  ) -> Bool {
    guard segment.flags.isBareACK, quiet.allow(sender, sendsData: segment.payloadLength > 0) else { return false }
    let (own, peer) = (copy(of: sender), copy(of: sender.other))
    let end = segment.sequence &+ segment.payloadLength
    let acknowledged = segment.acknowledgment.distance(from: own.acknowledged)
    guard segment.sequence == own.next, end.rawValue >= own.next.rawValue, segment.payloadLength <= Self.longestQuiet,
      segment.window != 0, segment.checksum != .bad, own.packets != FlowEnd.packetMask,
      self[interfaceOf: sender] == interface, !peer.next.precedes(segment.acknowledgment), acknowledged != 1,
      // The kernel's table may have said something else since.
      own.phase == .established, peer.phase == .established
    else { return false }
    let owesLetter = quiet.oweLetter(sender, sendsData: segment.payloadLength > 0)
    if owesLetter, !detail.hasRoomForLetters { return false }
    if segment.options.present.timestamps {
      guard detail[sender].takeTimestamp(of: segment, receivedUpTo: peer.acknowledged) else { return false }
    }
    if owesLetter {
      noteLetter(from: sender, hasPayload: segment.payloadLength > 0, &detail)
    }
    self[sender].next = end
    if acknowledged > 0 { self[sender].acknowledged = segment.acknowledgment }
    self[sender].window = segment.window
    self[sender].countQuietly(segment.flags)
    return true
  }

  /// It is owed, and there is room for it.
  @inline(never)
  private mutating func noteLetter(from sender: End, hasPayload: Bool, _ detail: inout FlowDetail) {
    let letter = hasPayload ? History.Letter.data : .ack
    detail[sender].noteOnce(letter)
    detail.add(letter, by: role(of: sender))
    quiet.payLetter(sender, sendsData: hasPayload)
  }

  /// Far from half the sequence space, where order turns.
  private static let longestQuiet: UInt32 = 1 << 24
}

extension FlowEndDetail {
  /// What `Flow.noteTimestamp` does, in place. False, and nothing is changed, when PAWS would reject the segment.
  @inline(__always)
  fileprivate mutating func takeTimestamp(of segment: Segment, receivedUpTo received: SequenceNumber) -> Bool {
    let value = segment.options.timestampValue
    if sentTimestamps, Int32(bitPattern: value &- recentTimestamp) < 0 { return false }
    if received.precedes(segment.sequence) { return true }
    recentTimestamp = value
    sentTimestamps = true
    return true
  }
}
