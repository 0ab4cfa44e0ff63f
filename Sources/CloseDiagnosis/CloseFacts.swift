package import ConnectionTracking
package import PacketDecoding

/// What a close left behind, of which the cause is decided. A plain value: it can be kept for the minute in which the
/// population is awaited.
package struct CloseFacts: Sendable, BitwiseCopyable {
  /// As it was told, but for what proves nothing.
  private var connection: EndedConnection
  /// Engine time of the first FIN or RST; of the end where there was none.
  package var at: Instant
  /// The client opened others afterwards, or kept some.
  package var clientWentOn = false
  /// So do most of the client's closes of this kind: it discards connections, it does not end.
  package var clientDiscards = false
  /// Opened in vain, by a client that discards others after use.
  package var isSurplus = false
  /// Others of the client carried more than one exchange by then.
  package var siblingsWereReused = false
  /// What was said was not captured all the time.
  package private(set) var isPartial = false

  /// Of a connection of which nothing else is known.
  init(serial: UInt64, service: UInt32, peer: UInt32, at moment: Instant) {
    connection = EndedConnection(serial: serial, service: service, peer: peer)
    at = moment
  }

  @inline(__always)
  package init(_ connection: borrowing EndedConnection, at now: Instant) {
    self.connection = copy connection
    at = connection.closed.map { Instant(nanoseconds: $0) } ?? now
    if connection.kind == .tls { closedFirst = Self.whoClosed(connection.closedFirst, connection.facts) }
    if connection.isPartial {
      isPartial = true
      self.connection.forgetWhatWasSaid()
    }
    // What was there before may have said something then.
    if !hasPayload, !connection.rolesObserved { isPartial = true }
  }

  /// After a close_notify either side may be the first with its FIN: it is who said it that closed.
  private static func whoClosed(_ firstFIN: ClosedFirst, _ facts: Conversation.Facts) -> ClosedFirst {
    guard firstFIN != .none else { return firstFIN }
    if facts.clientAlertedFirst { return .client }
    return facts.serverAlertedFirst ? .server : firstFIN
  }

  private static let probesOfADeadPeer: UInt32 = 3
}

extension CloseFacts {
  /// Nothing but the connection's outline tells its cause, which is known at once, and nobody else's depends on it: of
  /// all others with this outline there is the same to be said.
  var isToldByOutline: Bool {
    hasPayload && !isPartial && !hasAnnouncements && kind == .fin && conversation == .http1 && requestedBy == .client
      && closedFirst != .client && !facts.closedWithRequestOutstanding
  }

  var outline: UInt64 { connection.outline }
}

/// What the connection was like.
extension CloseFacts {
  package var serial: UInt64 { connection.serial }
  package var service: UInt32 { connection.service }
  package var peer: UInt32 { connection.peer }
  package var client: Endpoint { connection.client }
  package var life: Seconds {
    @inline(__always) get { connection.life }
    set { connection.life = newValue }
  }
  package var closedFirst: ClosedFirst {
    @inline(__always) get { connection.closedFirst }
    set { connection.closedFirst = newValue }
  }
  package var kind: CloseKind {
    @inline(__always) get { connection.closeKind }
    set { connection.closeKind = newValue }
  }
  /// Neither end sent a FIN.
  package var isAbrupt: Bool {
    @inline(__always) get { connection.isAbrupt }
    set { connection.isAbrupt = newValue }
  }
  package var conversation: Conversation.Kind {
    @inline(__always) get { connection.kind }
    set { connection.kind = newValue }
  }
  package var facts: Conversation.Facts {
    @inline(__always) get { connection.facts }
    set { connection.facts = newValue }
  }
  package var hasPayload: Bool {
    @inline(__always) get { connection.hasPayload }
    set { connection.hasPayload = newValue }
  }
  /// Nil where exchanges cannot be told apart.
  package var exchanges: UInt32? {
    @inline(__always) get { connection.exchanges }
    set { connection.exchanges = newValue }
  }
  package var requestedBy: Role? {
    @inline(__always) get { connection.requestedBy }
    set { connection.requestedBy = newValue }
  }
  package var isHTTP10: Bool {
    @inline(__always) get { connection.isHTTP10 }
    set { connection.isHTTP10 = newValue }
  }
  package var idle: Seconds? {
    @inline(__always) get { connection.idleBeforeClose.map { Seconds(nanoseconds: $0) } }
    set { connection.idleBeforeClose = newValue?.nanoseconds }
  }
  package var deadPeer: Bool {
    @inline(__always) get { connection.unansweredProbes >= Self.probesOfADeadPeer }
    set { connection.unansweredProbes = newValue ? Self.probesOfADeadPeer : 0 }
  }
  /// What the server announced last of the requests that it will still serve.
  package var announcedMaximum: UInt16? {
    @inline(__always) get { connection.announcedMaximum }
    set { connection.announcedMaximum = newValue }
  }
  package var hasAnnouncements: Bool { connection.hasAnnouncements }
  /// The time-out in the client's own `Keep-Alive`, in seconds.
  package var clientAnnounced: UInt16? {
    @inline(__always) get { connection.clientTimeout }
    set { connection.clientTimeout = newValue }
  }
  /// The time-out in the server's last `Keep-Alive`, in seconds.
  package var serverAnnounced: UInt16? {
    @inline(__always) get { connection.serverTimeout }
    set { connection.serverTimeout = newValue }
  }
  /// Other connections of the same client to the service that were open then.
  package var openSiblings: Int {
    @inline(__always) get { Int(connection.openSiblings) }
    set { connection.openSiblings = UInt32(clamping: newValue) }
  }
  /// Silence before the last request.
  package var lastGap: Seconds {
    @inline(__always) get { Seconds(nanoseconds: connection.lastGap) }
    set { connection.lastGap = newValue.nanoseconds }
  }
}
