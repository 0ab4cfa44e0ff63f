internal import PacketDecoding

/// Where messages cannot be told apart, an exchange is the client's turn and then the server's.
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

  /// Where nothing is read: there is nothing to tell of the next turn, and its client has begun.
  var suffice: Bool {
    @inline(__always) get { isOpaque && requests > 0 && !awaitSecondAnswer }
  }

  /// What `takeUnread` does, where they suffice. (Whose turn it is, and whether it is another's, is different from one
  /// segment to the next, of many connections: no branch depends on the role.)
  ///
  /// - Returns: how many exchanges it completed.
  @inline(__always)
  mutating func goOn(_ role: Role, at now: Instant) -> UInt32 {
    let before = (requests: requests, answers: answers)
    guard (role == .client) != (before.requests > before.answers), kind != .http2 else {
      lastPayload = now
      return 0
    }
    let gap = silence(before: now)
    answers = max(before.answers, before.requests)
    requests = before.requests &+ (role == .client ? 1 : 0)
    lastPayload = now
    let isLonger: UInt8 = mayBeLongest(gap) ? 1 : 0
    if isLonger & (role == .client ? 1 : 0) != 0 { note(gap: gap) }
    return answers &- before.answers
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
