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

  /// Takes payload of whose turn it is; false, and nothing is changed, where another begins.
  @inline(__always)
  mutating func goOn(_ role: Role, at now: Instant) -> Bool {
    guard (role == .client) == (requests > answers) else { return false }
    lastPayload = now
    return true
  }

  /// `takeUnread` would take it.
  @inline(__always)
  func mayTakeUnread(_ role: Role) -> Bool { requests > 0 || role == .server }

  /// Takes payload of a conversation that is opaque, in which nothing else happens; nil, and nothing is changed, for the
  /// client's first.
  ///
  /// - Returns: how many exchanges there were before, and after.
  @inline(__always)
  mutating func takeUnread(_ role: Role, at now: Instant) -> (before: UInt32, after: UInt32)? {
    guard mayTakeUnread(role) else { return nil }
    let before = answers
    if kind != .http2 { take(role, at: now, peerSentFIN: false) }
    lastPayload = now
    return (before, answers)
  }
}
