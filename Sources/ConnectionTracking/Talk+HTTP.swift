internal import PacketDecoding

extension Talk {
  /// Reads messages of HTTP/1 from `start` on, one after the other.
  @inline(never)
  func readHTTP(_ octets: RawSpan, from start: Int, _ utterance: Utterance, _ heads: inout HeadsInProgress) {
    guard skipGap(utterance) else { return }
    if own.stage == .openBody, mayBeginHead(octets) { own.stage = .expectsHead }
    readMessages(octets, from: start, utterance, &heads)
    if utterance.isLate { own.stage = .openBody }
  }

  /// The same of what came in order, mostly a head and what is said with it.
  @inline(__always)
  func readHTTPInOrder(_ octets: RawSpan, _ utterance: Utterance, _ heads: inout HeadsInProgress) {
    guard case .expectsHead = own.stage else { return readHTTP(octets, from: 0, utterance, &heads) }
    var offset = 0
    guard readHead(octets, &offset, utterance, &heads), offset < utterance.length else { return }
    if case .body = own.stage { skipBody(to: &offset, utterance) }
    if offset < utterance.length { readMessages(octets, from: offset, utterance, &heads) }
  }

  @inline(never)
  private func readMessages(
    _ octets: RawSpan,
    from start: Int,
    _ utterance: Utterance,
    _ heads: inout HeadsInProgress
  ) {
    var offset = start
    while offset < utterance.length {
      switch own.stage {
      case .tunnel: return
      case .openBody:
        noteChunkedEnd(octets, utterance)
        return
      case .body: skipBody(to: &offset, utterance)
      case .expectsHead:
        guard readHead(octets, &offset, utterance, &heads) else { return }
      case .head:
        var reader = heads.take(slot, role)
        guard readOn(octets, &offset, utterance, &reader, &heads) else { return }
      }
    }
  }

  /// What was not seen may have been part of a body; otherwise it may have been anything.
  ///
  /// - Returns: whether these octets are worth reading.
  @inline(__always)
  private func skipGap(_ utterance: Utterance) -> Bool {
    utterance.missing == 0 && !utterance.isLate || skipMissing(utterance)
  }

  @inline(never)
  private func skipMissing(_ utterance: Utterance) -> Bool {
    guard own.stage == .body else {
      if utterance.isLate || utterance.missing > 0 { own.stage = .openBody }
      return true
    }
    if own.bodyRemaining < UInt64(utterance.missing) {
      own.stage = .openBody
    } else {
      own.bodyRemaining -= UInt64(utterance.missing)
    }
    return !utterance.isLate
  }

  @inline(__always)
  private func skipBody(to offset: inout Int, _ utterance: Utterance) {
    let rest = UInt64(truncatingIfNeeded: utterance.length &- offset)
    guard own.bodyRemaining <= rest else {
      own.bodyRemaining &-= rest
      offset = utterance.length
      return
    }
    offset &+= Int(truncatingIfNeeded: own.bodyRemaining)
    own.bodyRemaining = 0
    own.stage = .expectsHead
  }

  /// A head from its start on.
  ///
  /// - Returns: whether there may be more to read in this segment.
  @inline(__always)
  private func readHead(
    _ octets: RawSpan,
    _ offset: inout Int,
    _ utterance: Utterance,
    _ heads: inout HeadsInProgress
  ) -> Bool {
    own.beginMessage(at: utterance.sequence &+ UInt32(truncatingIfNeeded: offset))
    var reader = HeadReader()
    guard reader.readUsual(octets, from: &offset, heads.memory) else {
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
  private func readOn(
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

  /// A payload that was captured whole and ends like the last chunk (RFC 9112, 7.1) ends the message.
  private func noteChunkedEnd(_ octets: RawSpan, _ utterance: Utterance) {
    guard octets.byteCount == utterance.length, octets.endsLikeLastChunk else { return }
    if own.lastFacts.endsChunked { own.stage = .expectsHead }
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
