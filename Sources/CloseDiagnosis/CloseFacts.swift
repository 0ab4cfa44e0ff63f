package import ConnectionTracking
package import PacketDecoding

/// What a close left behind, of which the cause is decided. A plain value: it can be kept for the minute in which the
/// population is awaited.
package struct CloseFacts: Sendable, BitwiseCopyable {
  package var serial: UInt64
  package var service: UInt32
  package var peer: UInt32
  package var client: Endpoint
  /// Engine time of the first FIN or RST; of the end where there was none.
  package var at: Instant
  package var life: Seconds
  package var closedFirst: ClosedFirst
  package var kind: CloseKind
  /// Neither end sent a FIN.
  package var isAbrupt: Bool
  package var conversation: Conversation.Kind
  package var facts: Conversation.Facts
  package var hasPayload: Bool
  /// Nil where exchanges cannot be told apart.
  package var exchanges: UInt32?
  package var requestedBy: Role?
  package var isHTTP10: Bool
  package var idle: Seconds?
  package var deadPeer: Bool
  /// What the server announced last of the requests that it will still serve.
  package var announcedMaximum: UInt16?
  /// The time-out in the client's own `Keep-Alive`.
  package var clientAnnounced: Seconds?
  /// The time-out in the server's last `Keep-Alive`.
  package var serverAnnounced: Seconds?
  /// Other connections of the same client to the service that were open then.
  package var openSiblings = 0
  /// The client opened others afterwards, or kept some.
  package var clientWentOn = false
  /// So do most of the client's closes of this kind: it discards connections, it does not end.
  package var clientDiscards = false
  /// Opened in vain, by a client that discards others after use.
  package var isSurplus = false
  /// Others of the client carried more than one exchange by then.
  package var siblingsWereReused = false
  /// Silence before the last request.
  package var lastGap = Seconds.zero
  /// What was said was not captured all the time.
  package private(set) var isPartial = false

  /// Of a connection of which nothing else is known.
  init(serial: UInt64, service: UInt32, peer: UInt32, at moment: Instant) {
    self.serial = serial
    self.service = service
    self.peer = peer
    client = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
    at = moment
    life = .zero
    closedFirst = .none
    kind = .none
    isAbrupt = false
    conversation = .unknown
    facts = Conversation.Facts()
    hasPayload = false
    isHTTP10 = false
    deadPeer = false
  }

  package init(_ connection: ConnectionView, at now: Instant) {
    let conversation = connection.conversation
    let flow = connection.flow
    serial = connection.detail.serial
    let account = connection.detail.account
    (service, peer) = (account.service, account.peer)
    client = connection.client
    at = conversation.closed ?? now
    life = connection.life
    closedFirst = Self.whoClosed(flow.closedFirst, conversation)
    kind = flow.closeKind
    isAbrupt = !connection.sentFIN(.client) && !connection.sentFIN(.server)
    self.conversation = conversation.kind
    facts = conversation.facts
    hasPayload = connection.bytes(of: .client) > 0 || connection.bytes(of: .server) > 0
    exchanges = conversation.exchanges
    requestedBy = conversation.closeRequestedBy
    isHTTP10 = conversation.isHTTP10WithoutKeepAlive
    idle = conversation.idleBeforeClose
    openSiblings = Int(conversation.openSiblings)
    lastGap = conversation.lastGap
    announcedMaximum = conversation.advertisedMaximum
    clientAnnounced = conversation.clientAdvertisedTimeout.map { Seconds(Int64($0)) }
    serverAnnounced = conversation.advertisedTimeout.map { Seconds(Int64($0)) }
    let silent = flow.closedFirst == .client ? conversation.client.probes : conversation.server.probes
    deadPeer = silent.unanswered >= Self.probesOfADeadPeer
    if connection.isPartial { forgetWhatWasSaid() }
    // What was there before may have said something then.
    if !hasPayload, !flow.traits.rolesObserved { isPartial = true }
  }

  /// What was seen of it proves nothing.
  private mutating func forgetWhatWasSaid() {
    isPartial = true
    conversation = .unknown
    facts = Conversation.Facts()
    hasPayload = false
    exchanges = nil
    requestedBy = nil
    isHTTP10 = false
    idle = nil
    deadPeer = false
    announcedMaximum = nil
    clientAnnounced = nil
    serverAnnounced = nil
    lastGap = .zero
  }

  /// After a close_notify either side may be the first with its FIN: it is who said it that closed.
  private static func whoClosed(_ firstFIN: ClosedFirst, _ conversation: Conversation) -> ClosedFirst {
    guard conversation.kind == .tls, firstFIN != .none else { return firstFIN }
    if conversation.facts.clientAlertedFirst { return .client }
    return conversation.facts.serverAlertedFirst ? .server : firstFIN
  }

  private static let probesOfADeadPeer: UInt32 = 3
}

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
