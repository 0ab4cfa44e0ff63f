internal import PacketDecoding

/// How things stood at the first FIN or RST.
extension Conversation {
  /// Who asked for the close by header (RFC 9112, 9.3): the client first, for servers repeat what it asks.
  package var closeRequestedBy: Role? {
    guard kind == .http1, requests > 0 || facts.hasUnsolicitedAnswer, !facts.isUpgraded else { return nil }
    if requests > 0, client.lastFacts.isConfirmed, !client.lastFacts.persists { return .client }
    if server.lastFacts.isConfirmed, !server.lastFacts.persists { return .server }
    return nil
  }

  /// The request, of version 1.0, does not ask to go on.
  package var isHTTP10WithoutKeepAlive: Bool {
    kind == .http1 && requests > 0 && client.lastFacts.isHTTP10 && !client.lastFacts.asksKeepAlive
  }
}

extension Conversation.Turns {
  /// - Parameters:
  ///   - closer: whose FIN or RST it is.
  ///   - isReset: it is an RST. A client whose socket holds something unread closes with one (Linux, tcp_close).
  ///   - unacknowledged: octets of the server that the client has not acknowledged.
  ///   - finAcknowledgment: what the closer's FIN or RST acknowledges.
  ///   - speakers: asked only where they can tell something.
  @inline(__always)
  mutating func noteClose(
    by closer: Role,
    isReset: Bool,
    at now: Instant,
    unacknowledged: Bool,
    finAcknowledgment: SequenceNumber,
    _ particulars: inout Conversation.Particulars,
    _ speakers: () -> Conversation.Speakers
  ) {
    guard particulars.closed == nil else { return }
    let hasOutstandingRequest = requests > answers
    particulars.closed = now
    particulars.idleBeforeClose = lastPayload.map { now - $0 }
    facts.closedWithRequestOutstanding = hasOutstandingRequest
    guard kind == .http1 else { return }
    let (client, server) = (speakers().client, speakers().server)
    facts.closedWithAnswerUnread =
      closer == .client && (!server.isBetweenMessages || unacknowledged || isReset && server.stage == .openBody)
    facts.closedWithRequestUnfinished = !client.isBetweenMessages
    // Sent before the request came: none of it is acknowledged.
    if closer == .server, hasOutstandingRequest, requests > 1, !client.messageStart.precedes(finAcknowledgment) {
      facts.requestCrossedFIN = true
      particulars.idleBeforeClose = particulars.lastGap
    }
  }
}
