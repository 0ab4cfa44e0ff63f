internal import PacketDecoding

/// How things stood at the first FIN or RST.
extension Conversation {
  /// Who asked for the close by header.
  package var closeRequestedBy: Role? { turns.closeRequested(client.lastFacts, server.lastFacts) }

  /// The request, of version 1.0, does not ask to go on.
  package var isHTTP10WithoutKeepAlive: Bool { turns.isHTTP10WithoutKeepAlive(client.lastFacts) }
}

extension Conversation.Turns {
  /// By whom the close was asked for by header (RFC 9112, 9.3): the client first, for servers repeat what it asks.
  @inline(__always)
  func closeRequested(_ client: HeadFacts, _ server: HeadFacts) -> Role? {
    guard kind == .http1, requests > 0 || facts.hasUnsolicitedAnswer, !facts.isUpgraded else { return nil }
    if requests > 0, client.isConfirmed, !client.persists { return .client }
    if server.isConfirmed, !server.persists { return .server }
    return nil
  }

  @inline(__always)
  func isHTTP10WithoutKeepAlive(_ client: HeadFacts) -> Bool {
    kind == .http1 && requests > 0 && client.isHTTP10 && !client.asksKeepAlive
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
    unacknowledged: @autoclosure () -> Bool,
    finAcknowledgment: @autoclosure () -> SequenceNumber,
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
      closer == .client && (!server.isBetweenMessages || unacknowledged() || isReset && server.stage == .openBody)
    facts.closedWithRequestUnfinished = !client.isBetweenMessages
    // Sent before the request came: none of it is acknowledged.
    if closer == .server, hasOutstandingRequest, requests > 1, !client.messageStart.precedes(finAcknowledgment()) {
      facts.requestCrossedFIN = true
      particulars.idleBeforeClose = particulars.lastGap
    }
  }
}
