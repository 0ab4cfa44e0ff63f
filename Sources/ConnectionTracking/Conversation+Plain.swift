internal import PacketDecoding

/// Messages of HTTP/1 as most are, whose head is remembered. Nothing is decided here that would be decided otherwise
/// by reading: `Talk` does, and takes all that is not taken here.
extension Conversation.Turns {
  /// Takes payload that came in order and is a plain message, or the beginning of one: the first request, or the answer
  /// to a request that came to its end.
  ///
  /// - Returns: false, and nothing is changed, where it is none.
  @inline(__always)
  mutating func takePlain(
    _ role: Role,
    _ octets: RawSpan,
    _ segment: (sequence: SequenceNumber, length: UInt32),
    at now: Instant,
    _ speakers: inout Conversation.Speakers,
    _ memory: borrowing HeadMemory
  ) -> Bool {
    guard case .expectsHead = speakers.client.stage, case .expectsHead = speakers.server.stage else { return false }
    let isRequest = role == .client
    guard isRequest ? requests == 0 && mayBeHTTP : awaitsAnswer && speakers.client.lastMethodAllowsBody,
      let head = HeadReader.recall(octets, isRequest: isRequest, memory),
      speakers[role].take(head, segment)
    else { return false }
    if isRequest {
      requests = 1
      kind = .http1
      facts.answeredEarly = false
    } else {
      answers &+= 1
    }
    lastPayload = now
    return true
  }

  private var awaitsAnswer: Bool {
    @inline(__always) get {
      guard case .http1 = kind else { return false }
      return requests > answers
    }
  }

  private var mayBeHTTP: Bool {
    @inline(__always) get {
      switch kind {
      case .unknown, .http1: true
      case .http2, .tls, .other, .notCaptured: false
      }
    }
  }
}

extension Speaker {
  /// - Returns: false, and nothing is changed, where another message follows in the segment.
  @inline(__always)
  fileprivate mutating func take(_ head: PlainHead, _ segment: (sequence: SequenceNumber, length: UInt32)) -> Bool {
    let said = UInt64(segment.length) &- UInt64(truncatingIfNeeded: head.end)
    guard head.bodyLength >= said else { return false }
    bodyRemaining = head.bodyLength &- said
    stage = head.bodyLength == said ? .expectsHead : .body
    messageStart = segment.sequence
    lastFacts = head.facts
    noteCounted(isHEAD: head.isHEAD)
    return true
  }
}
