internal import PacketDecoding

/// New octets of one direction, in order.
struct Utterance {
  var role: Role
  /// Where they begin.
  var sequence: SequenceNumber
  /// On the wire; the capture may hold fewer.
  var length: Int
  /// Octets before them that were not seen.
  var missing: Int
  /// They were sent before what was heard last.
  var isLate: Bool
  var now: Instant
  var peerSentFIN: Bool
}

extension Utterance {
  /// The payload of a segment that was taken quietly.
  @inline(__always)
  init(quiet segment: Segment, by role: Role, at now: Instant) {
    self.init(
      role: role,
      sequence: segment.sequence,
      length: Int(segment.payloadLength),
      missing: 0,
      isLate: false,
      now: now,
      peerSentFIN: false
    )
  }
}

extension Conversation {
  /// Reads messages of HTTP/1 from `start` on, one after the other.
  mutating func readHTTP(_ octets: RawSpan, from start: Int, _ utterance: Utterance, _ reader: inout HeadReader) {
    let role = utterance.role
    var offset = start
    guard skipGap(utterance) else { return }
    defer { if utterance.isLate { self[role].stage = .openBody } }
    if self[role].stage == .openBody, mayBeginHead(octets, by: role) { self[role].stage = .expectsHead }
    while offset < utterance.length {
      switch self[role].stage {
      case .tunnel: return
      case .openBody:
        noteChunkedEnd(octets, utterance)
        return
      case .body: skipBody(to: &offset, utterance)
      case .expectsHead:
        reader = HeadReader()
        self[role].messageStart = utterance.sequence &+ UInt32(truncatingIfNeeded: offset)
        self[role].isCounted = false
        self[role].stage = .head
      case .head:
        guard readHead(octets, &offset, utterance, &reader) else { return }
      }
    }
  }

  /// What was not seen may have been part of a body; otherwise it may have been anything.
  ///
  /// - Returns: whether these octets are worth reading.
  private mutating func skipGap(_ utterance: Utterance) -> Bool {
    let role = utterance.role
    guard self[role].stage == .body else {
      if utterance.isLate || utterance.missing > 0 { self[role].stage = .openBody }
      return true
    }
    if self[role].bodyRemaining < UInt64(utterance.missing) {
      self[role].stage = .openBody
    } else {
      self[role].bodyRemaining -= UInt64(utterance.missing)
    }
    return !utterance.isLate
  }

  private mutating func skipBody(to offset: inout Int, _ utterance: Utterance) {
    let skipped = min(self[utterance.role].bodyRemaining, UInt64(utterance.length - offset))
    self[utterance.role].bodyRemaining -= skipped
    offset += Int(skipped)
    if self[utterance.role].bodyRemaining == 0 { self[utterance.role].stage = .expectsHead }
  }

  /// - Returns: whether there may be more to read in this segment.
  private mutating func readHead(
    _ octets: RawSpan,
    _ offset: inout Int,
    _ utterance: Utterance,
    _ reader: inout HeadReader
  ) -> Bool {
    let role = utterance.role
    let progress = reader.read(octets, from: &offset)
    let head = reader.head
    let fits = head.isRequest == (role == .client) || !head.facts.isConfirmed
    if progress == .notAHead || !fits {
      turnAway(utterance)
      return false
    }
    if progress == .complete || reader.isPlausible { noteHead(head, utterance) }
    if progress == .complete {
      finishHead(head, role)
      return true
    }
    if octets.byteCount < utterance.length {
      // The snap length ends in the head.
      if kind == .http1 { self[role].stage = .openBody } else { turnAway(utterance) }
    }
    return false
  }

  /// What was to be a head is none.
  private mutating func turnAway(_ utterance: Utterance) {
    let hasAsked = client.stage == .head && !client.isCounted
    self[utterance.role].stage = .openBody
    guard kind == .unknown else { return }
    kind = .other
    if utterance.role == .server, hasAsked { noteRequest(at: lastPayload ?? utterance.now) }
    takeTurn(utterance)
  }

  private mutating func noteHead(_ head: MessageHead, _ utterance: Utterance) {
    let role = utterance.role
    self[role].lastFacts = head.facts
    self[role].lastMethod = head.method
    if !self[role].isCounted {
      self[role].isCounted = true
      if head.facts.isHTTP2Preface { kind = .http2 } else { kind = .http1 }
      if role == .client { beginRequest(utterance) } else { beginAnswer(head, utterance) }
    }
    noteKeepAlive(head, by: role)
  }

  private mutating func beginRequest(_ utterance: Utterance) {
    if hasOutstandingRequest { facts.isPipelined = true }
    noteRequest(at: utterance.now)
    facts.answeredEarly = false
    // A request says that the answer before it is through.
    if server.stage == .openBody, !facts.isPipelined { server.stage = .expectsHead }
  }

  private mutating func beginAnswer(_ head: MessageHead, _ utterance: Utterance) {
    guard head.isFinalAnswer else { return }
    // Picked up midway: the request was before the first segment.
    if requests == 0, utterance.missing > 0, client.stage == .expectsHead { requests = 1 }
    guard hasOutstandingRequest else {
      facts.hasUnsolicitedAnswer = true
      return
    }
    // A body that is too large may all be on its way before the server says so.
    if !client.isBetweenMessages || head.status == 413 { facts.answeredEarly = true }
    if !utterance.peerSentFIN { answers &+= 1 }
  }

  /// Where the head ends, its body begins.
  private mutating func finishHead(_ head: MessageHead, _ role: Role) {
    if head.facts.isHTTP2Preface {
      self[role].stage = .tunnel
      return
    }
    let isTunnel = head.status == 101 || role == .server && client.asksConnect && 200..<300 ~= head.status
    if isTunnel, !facts.isPipelined {
      facts.isUpgraded = true
      if head.facts.namesH2C { kind = .http2 }
      client.stage = .tunnel
      server.stage = .tunnel
      return
    }
    switch head.framing(answering: facts.isPipelined ? nil : client.lastMethod) {
    case .none: self[role].stage = .expectsHead
    case .length(let length):
      self[role].bodyRemaining = length
      self[role].stage = length == 0 ? .expectsHead : .body
    case .chunked, .untilClose, .invalid: self[role].stage = .openBody
    }
  }

  /// A payload that was captured whole and ends like the last chunk (RFC 9112, 7.1) ends the message.
  private mutating func noteChunkedEnd(_ octets: RawSpan, _ utterance: Utterance) {
    guard octets.byteCount == utterance.length, octets.endsLikeLastChunk else { return }
    if self[utterance.role].lastFacts.endsChunked { self[utterance.role].stage = .expectsHead }
  }

  func mayBeginHead(_ octets: RawSpan, by role: Role) -> Bool {
    var reader = HeadReader()
    var offset = 0
    let progress = reader.read(octets, from: &offset)
    guard progress != .notAHead, reader.isPlausible else { return false }
    return reader.head.isRequest == (role == .client)
  }
}
