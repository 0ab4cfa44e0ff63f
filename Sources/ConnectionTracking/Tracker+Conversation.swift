internal import PacketDecoding

/// How a segment moved its sender's stream: what of it is new.
struct StreamStep: Sendable, BitwiseCopyable {
  /// `next` of the sender before the segment; nil when nothing of it had been seen.
  private(set) var nextBefore: SequenceNumber?
  private(set) var nextAfter = SequenceNumber(0)
  private(set) var hadHole = false
  private(set) var wasRetransmission = false
  private var retransmits: UInt32 = 0

  init() {}

  init(before end: FlowEnd, _ oddities: FlowOddities.EndOddities) {
    nextBefore = end.marks.hasNext ? end.next : nil
    hadHole = end.marks.isMissingSome
    retransmits = oddities.retransmits
  }

  mutating func finish(_ end: FlowEnd, _ oddities: FlowOddities.EndOddities) {
    nextAfter = end.next
    wasRetransmission = oddities.retransmits != retransmits
  }
}

extension FlowDetail {
  /// The round trip of a handshake in which nothing had to be repeated.
  @inline(__always)
  mutating func noteRoundTrip(at captured: Timestamp, since start: Timestamp) {
    let microseconds = (captured.nanoseconds &- start.nanoseconds) / 1000
    handshakeMicroseconds = UInt32(clamping: max(microseconds, 1))
  }
}

extension Tracker {
  /// Follows the conversation of a connection. Touches its memory only when something is said, or at an end.
  mutating func converse(
    _ segment: Segment,
    _ payload: RawSpan,
    from sender: End,
    at slot: Slot,
    _ stream: StreamStep,
    silence: Seconds,
    closes: Bool,
    _ now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isProbe = segment.isKeepAliveProbe(next: stream.nextBefore)
    guard segment.checksum != .bad else { return }
    let isHeard = segment.payloadLength > 0 || closes || isProbe
    let endsSomething = segment.flags.isRST && table.detail(at: slot).hasConversation
    guard isHeard || endsSomething || table.detail(at: slot).hasUnansweredProbe else { return }
    let new = segment.newOctets(stream)
    // Of a closed window it is a window probe.
    let keepsAlive = isProbe && table.updateHotLine(slot) { flow in flow[sender.other].window > 0 }
    table.noteProbes(slot, sender, probeAfter: keepsAlive ? silence : nil)
    if closes, new == nil, !table.detail(at: slot).hasConversation {
      return closeUnheard(segment, from: sender, at: slot, now, &observer)
    }
    let answered = table.converse(slot, sender) { flow, detail, talk in
      let before = talk.turns.exchanges ?? 0
      if let new {
        let utterance = Utterance(
          sequence: segment.payloadSequence,
          length: Int(segment.payloadLength),
          missing: new.missing,
          isLate: new.isLate,
          now: now,
          peerSentFIN: flow[sender.other].marks.sentFIN
        )
        let requests = talk.requests
        talk.take(payload, from: new.start, utterance, &heads)
        if talk.role == .client, talk.requests > requests, flow[sender.other].marks.sentFIN {
          talk.noteRequestAfterClose(
            at: now,
            isUnheard: segment.acknowledgment.precedes(talk.closing[sender.other].finEnd),
            roundTrip: detail.roundTrip
          )
        }
      }
      if closes {
        talk.turns.noteClose(by: talk.role, at: now, &flow, sender, segment, &talk.closing.particulars) {
          talk.speakers
        }
      }
      if segment.flags.isRST { talk.noteReset() }
      return Answered(before: before, after: talk.turns.exchanges ?? 0, account: detail.account)
    }
    if closes {
      let siblings = UInt32(clamping: observer.siblings(answered.account))
      table.updateConversation(slot) { _, _, particulars, _ in particulars.openSiblings = siblings }
    }
    noteExchanges(before: answered.before, after: answered.after, slot, &observer)
  }

  /// The first FIN or RST of a connection in which nothing was said, as far as was captured.
  @inline(never)
  private mutating func closeUnheard(
    _ segment: Segment,
    from sender: End,
    at slot: Slot,
    _ now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let siblings = observer.siblings(table.detail(at: slot).account)
    table.updateConversation(slot) { flow, turns, particulars, speakers in
      turns.noteClose(by: flow.role(of: sender), at: now, &flow, sender, segment, &particulars, speakers)
      particulars.openSiblings = UInt32(clamping: siblings)
    }
  }

  /// What turns out to be HTTP/2 takes back what was counted.
  @inline(__always)
  mutating func noteExchanges(
    before: UInt32,
    after: UInt32,
    _ slot: Slot,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard before != after else { return }
    exchanges &+= Int(Int32(bitPattern: after &- before))
    if before < 2, after >= 2 { observer.reused(table.detail(at: slot).account) }
  }

  private struct Answered {
    var before: UInt32
    var after: UInt32
    var account: AccountKey
  }
}

extension Conversation.Turns {
  /// - Parameter flow: not changed. (What is only read would be copied before it is known whether it is needed.)
  @inline(__always)
  mutating func noteClose(
    by role: Role,
    at now: Instant,
    _ flow: inout Flow,
    _ sender: End,
    _ segment: Segment,
    _ particulars: inout Conversation.Particulars,
    _ speakers: () -> Conversation.Speakers
  ) {
    noteClose(
      by: role,
      isReset: segment.flags.isRST,
      at: now,
      unacknowledged: role == .client && flow.leavesUnacknowledged(segment, from: sender),
      finAcknowledgment: segment.flags.isACK ? segment.acknowledgment : flow.copy(of: sender).acknowledged,
      &particulars,
      speakers
    )
  }
}

extension Flow {
  /// Whether a client that sends its FIN or RST has not acknowledged all that the server sent.
  @inline(__always)
  fileprivate mutating func leavesUnacknowledged(_ segment: Segment, from client: End) -> Bool {
    let (own, server) = (copy(of: client), copy(of: client.other))
    // An RST acknowledges, too: haproxy's is the first that does after an answer that arrived whole.
    if segment.flags.isACK, !segment.acknowledgment.precedes(server.next) { return false }
    return own.marks.hasAcknowledged && own.acknowledged.precedes(server.next)
  }
}

extension Segment {
  /// Of the first octet of payload.
  fileprivate var payloadSequence: SequenceNumber { sequence &+ (flags.isSYN ? 1 : 0) }

  /// One octet, or none, just before what comes next (Wireshark's rule).
  func isKeepAliveProbe(next: SequenceNumber?) -> Bool {
    guard let next, payloadLength <= 1, !flags.isControl else { return false }
    return sequence &+ 1 == next
  }

  /// Which octets of the payload are new: from where on, how many are missing before them, and whether later ones were
  /// seen before.
  fileprivate func newOctets(_ stream: StreamStep) -> (start: Int, missing: Int, isLate: Bool)? {
    guard payloadLength > 0, !flags.isRST else { return nil }
    // Picked up midway: something is missing, nobody knows how much.
    guard let before = stream.nextBefore else { return (0, flags.isSYN ? 0 : 1, false) }
    guard before.precedes(stream.nextAfter) else {
      let fillsHole = stream.hadHole && !stream.wasRetransmission && !isKeepAliveProbe(next: before)
      return fillsHole ? (0, 0, true) : nil
    }
    let known = Int(before.distance(from: payloadSequence))
    guard known > 0 else { return (0, -known, false) }
    return known < Int(payloadLength) ? (known, 0, false) : nil
  }
}
