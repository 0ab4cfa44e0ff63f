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

  /// A payload that was captured whole and ends like the last chunk (RFC 9112, 7.1) ends the message.
  private func noteChunkedEnd(_ octets: RawSpan, _ utterance: Utterance) {
    guard octets.byteCount == utterance.length, octets.endsLikeLastChunk else { return }
    if own.lastFacts.endsChunked { own.stage = .expectsHead }
  }
}
