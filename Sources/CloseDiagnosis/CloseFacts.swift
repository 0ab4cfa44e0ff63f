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

  package init(_ connection: borrowing EndedConnection, at now: Instant) {
    serial = connection.serial
    (service, peer) = (connection.account.service, connection.account.peer)
    client = connection.client
    at = connection.closed ?? now
    life = connection.life
    closedFirst = Self.whoClosed(connection.closedFirst, connection.kind, connection.facts)
    kind = connection.closeKind
    isAbrupt = connection.isAbrupt
    conversation = connection.kind
    facts = connection.facts
    hasPayload = connection.hasPayload
    exchanges = connection.exchanges
    requestedBy = connection.requestedBy
    isHTTP10 = connection.isHTTP10
    idle = connection.idleBeforeClose
    openSiblings = Int(connection.openSiblings)
    lastGap = connection.lastGap
    announcedMaximum = connection.announcedMaximum
    clientAnnounced = connection.clientTimeout.map { Seconds(Int64($0)) }
    serverAnnounced = connection.serverTimeout.map { Seconds(Int64($0)) }
    deadPeer = connection.unansweredProbes >= Self.probesOfADeadPeer
    if connection.isPartial { forgetWhatWasSaid() }
    // What was there before may have said something then.
    if !hasPayload, !connection.rolesObserved { isPartial = true }
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
  private static func whoClosed(
    _ firstFIN: ClosedFirst,
    _ conversation: Conversation.Kind,
    _ facts: Conversation.Facts
  ) -> ClosedFirst {
    guard conversation == .tls, firstFIN != .none else { return firstFIN }
    if facts.clientAlertedFirst { return .client }
    return facts.serverAlertedFirst ? .server : firstFIN
  }

  private static let probesOfADeadPeer: UInt32 = 3
}
