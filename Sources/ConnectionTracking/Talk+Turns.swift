internal import PacketDecoding

/// Who is heard says something new.
extension Talk {
  /// Takes new octets.
  @inline(__always)
  func take(_ octets: RawSpan, from start: Int, _ utterance: Utterance, _ heads: inout HeadsInProgress) {
    if role == .server, utterance.peerSentFIN { noteAnswerAfterFIN() }
    if kind == .unknown { recognize(octets, utterance) }
    var isFarewell = false
    switch kind {
    case .unknown, .http1: readHTTP(octets, from: start, utterance, &heads)
    case .tls: isFarewell = readTLS(octets, from: start, utterance)
    case .http2: break
    case .other, .notCaptured: takeTurn(utterance)
    }
    // An alert ends the silence before the close as little as the FIN that follows it.
    if !isFarewell { turns.lastPayload = utterance.now }
  }

  /// The same of octets that came in order, before any FIN.
  @inline(__always)
  func takeInOrder(_ octets: RawSpan, _ utterance: Utterance, _ heads: inout HeadsInProgress) {
    if kind == .unknown, role == .server || !HeadReader.mayBegin(octets) { recognize(octets, utterance) }
    switch kind {
    case .unknown, .http1:
      readHTTPInOrder(octets, utterance, &heads)
      turns.lastPayload = utterance.now
    case .http2, .notCaptured, .other, .tls: takeOther(octets, utterance, &heads)
    }
  }

  @inline(never)
  private func takeOther(_ octets: RawSpan, _ utterance: Utterance, _ heads: inout HeadsInProgress) {
    take(octets, from: 0, utterance, &heads)
  }

  @inline(__always)
  func takeTurn(_ utterance: Utterance) {
    turns.take(role, at: utterance.now, peerSentFIN: utterance.peerSentFIN)
  }

  @inline(__always)
  func noteRequest(at now: Instant) {
    let gap = turns.noteRequest(at: now)
    if let gap, kind == .http1 { closing.particulars.lastGap = gap }
  }

  /// What still comes after the client's FIN is an answer that it did not wait for.
  @inline(never)
  private func noteAnswerAfterFIN() {
    guard closing.particulars.closed != nil, kind == .http1, !hasOutstandingRequest, server.stage != .expectsHead else {
      return
    }
    facts.closedWithAnswerUnread = true
  }

  @inline(never)
  private func recognize(_ octets: RawSpan, _ utterance: Utterance) {
    if octets.byteCount == 0 {
      kind = .notCaptured
    } else if TLSRecordReader.mayBegin(octets), octets.byteCount >= 3 {
      kind = .tls
    } else if role == .server, !hasOutstandingRequest, utterance.missing == 0, client.stage != .head,
      !mayBeginHead(octets)
    {
      // Who speaks first as a server does not speak HTTP.
      kind = .other
    }
  }

  // MARK: Close

  /// A request after the server's FIN, sent by a client that had not heard of it.
  ///
  /// - Parameters:
  ///   - isUnheard: the request does not acknowledge the FIN.
  func noteRequestAfterClose(at now: Instant, isUnheard: Bool, roundTrip: Seconds?) {
    guard let closed = closing.particulars.closed, hasOutstandingRequest else { return }
    facts.requestedAfterFIN = true
    if isUnheard || now - closed <= roundTrip ?? .zero { facts.requestCrossedFIN = true }
  }

  func noteReset() {
    if role == .server, facts.requestCrossedFIN || facts.requestedAfterFIN { facts.isReuseRace = true }
  }
}
