internal import PacketDecoding

/// Where messages cannot be told apart, an exchange is the client's turn and then the server's.
extension Conversation {
  mutating func takeTurn(_ utterance: Utterance) {
    turns.take(utterance.role, at: utterance.now, peerSentFIN: utterance.peerSentFIN)
  }

  mutating func noteRequest(at now: Instant) {
    let gap = turns.noteRequest(at: now)
    if let gap, kind == .http1 { particulars.lastGap = gap }
  }

  /// Takes new octets of one direction.
  mutating func take(_ octets: RawSpan, from start: Int, _ utterance: Utterance, _ reader: inout HeadReader) {
    var isFarewell = false
    // An alert ends the silence before the close as little as the FIN that follows it.
    defer { if !isFarewell { lastPayload = utterance.now } }
    // What still comes after the client's FIN is an answer that it did not wait for.
    if utterance.role == .server, utterance.peerSentFIN, closed != nil, kind == .http1, !hasOutstandingRequest,
      server.stage != .expectsHead
    {
      facts.closedWithAnswerUnread = true
    }
    if kind == .unknown { recognize(octets, utterance) }
    switch kind {
    case .unknown, .http1: readHTTP(octets, from: start, utterance, &reader)
    case .tls: isFarewell = readTLS(octets, from: start, utterance)
    case .http2: break
    case .other, .notCaptured: takeTurn(utterance)
    }
  }

  private mutating func recognize(_ octets: RawSpan, _ utterance: Utterance) {
    if octets.byteCount == 0 {
      kind = .notCaptured
    } else if TLSRecordReader.mayBegin(octets), octets.byteCount >= 3 {
      kind = .tls
    } else if utterance.role == .server, !hasOutstandingRequest, utterance.missing == 0, client.stage != .head,
      !mayBeginHead(octets, by: .server)
    {
      // Who speaks first as a server does not speak HTTP.
      kind = .other
    }
  }
}

extension Conversation.Turns {
  @inline(__always)
  mutating func take(_ role: Role, at now: Instant, peerSentFIN: Bool) {
    switch role {
    case .client: if requests <= answers { noteRequest(at: now) }
    case .server: if requests > answers, !peerSentFIN { answers = requests }
    }
  }

  /// - Returns: the silence before it, when it is not the first.
  @discardableResult
  @inline(__always)
  mutating func noteRequest(at now: Instant) -> Seconds? {
    requests &+= 1
    guard requests > 1, let lastPayload else { return nil }
    let gap = now - lastPayload
    note(gap: gap)
    return gap
  }

  var awaitSecondAnswer: Bool {
    @inline(__always) get { requests == 2 && answers == 1 }
  }

  /// Payload that was not captured is the first there is.
  @inline(__always)
  init(unread role: Role, at now: Instant) {
    kind = .notCaptured
    take(role, at: now, peerSentFIN: false)
    lastPayload = now
  }

  /// Takes payload of whose turn it is; false, and nothing is changed, where another begins.
  @inline(__always)
  mutating func goOn(_ role: Role, at now: Instant) -> Bool {
    guard (role == .client) == (requests > answers) else { return false }
    lastPayload = now
    return true
  }

  /// Takes payload of a conversation that is opaque, in which nothing else happens; nil, and nothing is changed, for the
  /// client's first.
  ///
  /// - Returns: how many exchanges there were before, and after.
  @inline(__always)
  mutating func takeUnread(_ role: Role, at now: Instant) -> (before: UInt32, after: UInt32)? {
    guard requests > 0 || role == .server else { return nil }
    let before = answers
    if kind != .http2 { take(role, at: now, peerSentFIN: false) }
    lastPayload = now
    return (before, answers)
  }
}
