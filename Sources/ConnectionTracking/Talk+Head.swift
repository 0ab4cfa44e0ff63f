internal import PacketDecoding

/// Heads of HTTP/1, and what they say.
extension Talk {
  /// A head from its start on.
  ///
  /// - Returns: whether there may be more to read in this segment.
  @inline(__always)
  func readHead(
    _ octets: RawSpan,
    _ offset: inout Int,
    _ utterance: Utterance,
    _ heads: inout HeadsInProgress
  ) -> Bool {
    let start = utterance.sequence &+ UInt32(truncatingIfNeeded: offset)
    var reader = HeadReader()
    let isWhole = reader.readUsual(octets, from: &offset, heads.memory)
    own.beginMessage(at: start)
    guard isWhole else {
      return readOn(octets, &offset, utterance, &reader, &heads)
    }
    guard reader.head.isRequest == (role == .client) else {
      stop(true, reader, octets, utterance)
      return false
    }
    noteHead(reader.head, utterance)
    finishHead(reader.head)
    return true
  }

  /// The same of one that goes on, or is not usual.
  @inline(never)
  func readOn(
    _ octets: RawSpan,
    _ offset: inout Int,
    _ utterance: Utterance,
    _ reader: inout HeadReader,
    _ heads: inout HeadsInProgress
  ) -> Bool {
    let progress = reader.read(octets, from: &offset)
    let fits = reader.head.isRequest == (role == .client) || !reader.head.facts.isConfirmed
    guard progress == .complete, fits else {
      stop(progress == .notAHead || !fits, reader, octets, utterance)
      if own.stage == .head, !utterance.isLate { heads.keep(reader, slot, role) }
      return false
    }
    noteHead(reader.head, utterance)
    finishHead(reader.head)
    return true
  }

  /// Nothing of what was to be a head is left to read, but its end has not come.
  @inline(never)
  private func stop(_ isNone: Bool, _ reader: HeadReader, _ octets: RawSpan, _ utterance: Utterance) {
    guard !isNone else { return turnAway(utterance) }
    if reader.isPlausible { noteHead(reader.head, utterance) }
    guard octets.byteCount < utterance.length else { return }
    // The snap length ends in the head.
    if kind == .http1 { own.stage = .openBody } else { turnAway(utterance) }
  }

  /// What was to be a head is none.
  @inline(never)
  private func turnAway(_ utterance: Utterance) {
    let hasAsked = client.stage == .head && !client.isCounted
    own.stage = .openBody
    guard kind == .unknown else { return }
    kind = .other
    if role == .server, hasAsked { noteRequest(at: turns.lastPayload ?? utterance.now) }
    takeTurn(utterance)
  }

  @inline(__always)
  private func noteHead(_ head: MessageHead, _ utterance: Utterance) {
    own.lastFacts = head.facts
    own.lastMethod = head.method
    if !own.isCounted {
      own.isCounted = true
      if head.facts.isHTTP2Preface { kind = .http2 } else { kind = .http1 }
      if role == .client { beginRequest(utterance) } else { beginAnswer(head, utterance) }
    }
    if head.facts.hasKeepAliveTimeout || head.facts.hasKeepAliveMaximum { noteKeepAlive(head) }
  }

  @inline(never)
  private func noteKeepAlive(_ head: MessageHead) {
    if head.facts.hasKeepAliveTimeout, role == .server {
      closing.particulars.announcedTimeout = head.keepAliveTimeout
      turns.announcements.insert(.timeout)
    }
    if head.facts.hasKeepAliveTimeout, role == .client {
      closing.particulars.clientTimeout = head.keepAliveTimeout
      turns.announcements.insert(.clientTimeout)
    }
    if head.facts.hasKeepAliveMaximum, role == .server {
      closing.particulars.announcedMaximum = head.keepAliveMaximum
      turns.announcements.insert(.maximum)
    }
  }

  @inline(__always)
  private func beginRequest(_ utterance: Utterance) {
    if hasOutstandingRequest { facts.isPipelined = true }
    noteRequest(at: utterance.now)
    facts.answeredEarly = false
    // A request says that the answer before it is through.
    if server.stage == .openBody, !facts.isPipelined { server.stage = .expectsHead }
  }

  @inline(__always)
  private func beginAnswer(_ head: MessageHead, _ utterance: Utterance) {
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
  @inline(__always)
  private func finishHead(_ head: MessageHead) {
    guard let length = head.usualBodyLength, role == .client || client.lastMethodAllowsBody else {
      return finishUnusual(head)
    }
    own.bodyRemaining = length
    own.stage = length == 0 ? .expectsHead : .body
  }

  @inline(never)
  private func finishUnusual(_ head: MessageHead) {
    if head.facts.isHTTP2Preface {
      own.stage = .tunnel
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
    case .none: own.stage = .expectsHead
    case .length(let length):
      own.bodyRemaining = length
      own.stage = length == 0 ? .expectsHead : .body
    case .chunked, .untilClose, .invalid: own.stage = .openBody
    }
  }

  @inline(never)
  func mayBeginHead(_ octets: RawSpan) -> Bool {
    var reader = HeadReader()
    var offset = 0
    let progress = reader.read(octets, from: &offset)
    guard progress != .notAHead, reader.isPlausible else { return false }
    return reader.head.isRequest == (role == .client)
  }
}
