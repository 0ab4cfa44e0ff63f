package import PacketDecoding

/// What the books ask of a connection that has come to its end: taken from where it stands, for all that is known of it
/// is several times as much to copy.
@usableFromInline
package struct EndedConnection: Sendable, BitwiseCopyable, Equatable {
  package private(set) var serial: UInt64
  package private(set) var service: UInt32
  package private(set) var peer: UInt32
  package internal(set) var client = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
  /// From the first packet to the last.
  package var life = Seconds.zero
  @usableFromInline var particulars = Conversation.Particulars()
  package var exchanges: UInt32?
  /// Keep-alive probes of the end that closed first: of the server where the client did not.
  package var unansweredProbes: UInt32 = 0
  @usableFromInline package var facts = Conversation.Facts()
  @usableFromInline package var kind = Conversation.Kind.unknown
  @usableFromInline var announcements = Conversation.Announcements()
  @usableFromInline package var closedFirst = ClosedFirst.none
  @usableFromInline package var closeKind = CloseKind.none
  @usableFromInline package var requestedBy: Role?
  @usableFromInline var marks: UInt8 = 0

  /// Of a connection of which nothing else is known.
  @inline(__always)
  package init(serial: UInt64, service: UInt32, peer: UInt32) {
    (self.serial, self.service, self.peer) = (serial, service, peer)
  }
}

extension EndedConnection {
  /// The same connection, known by other numbers: those of the whole instead of those of a part.
  package func renumbered(serial: UInt64, _ account: AccountKey, openSiblings: UInt32) -> EndedConnection {
    var ended = self
    (ended.serial, ended.service, ended.peer) = (serial, account.service, account.peer)
    ended.openSiblings = openSiblings
    return ended
  }
}

/// Yes-or-no facts, and what few connections have.
extension EndedConnection {
  @inlinable subscript(mask: UInt8) -> Bool {
    @inline(__always) get { marks & mask != 0 }
    @inline(__always) set { marks = newValue ? marks | mask : marks & ~mask }
  }

  /// Neither end sent a FIN.
  @inlinable package var isAbrupt: Bool {
    @inline(__always) get { self[1] }
    @inline(__always) set { self[1] = newValue }
  }
  @inlinable package var hasPayload: Bool {
    @inline(__always) get { self[2] }
    @inline(__always) set { self[2] = newValue }
  }
  /// The SYN was answered, or the connection was picked up while it was running.
  @inlinable package internal(set) var wasAnswered: Bool {
    @inline(__always) get { self[4] }
    @inline(__always) set { self[4] = newValue }
  }
  /// It was not shed before its time, and no ICMP error answered its SYN.
  @inlinable package internal(set) var ranOut: Bool {
    @inline(__always) get { self[8] }
    @inline(__always) set { self[8] = newValue }
  }
  @inlinable package internal(set) var isPartial: Bool {
    @inline(__always) get { self[16] }
    @inline(__always) set { self[16] = newValue }
  }
  /// The handshake told who opened.
  @inlinable package internal(set) var rolesObserved: Bool {
    @inline(__always) get { self[32] }
    @inline(__always) set { self[32] = newValue }
  }
  @inlinable package var isHTTP10: Bool {
    @inline(__always) get { self[64] }
    @inline(__always) set { self[64] = newValue }
  }

  /// What many connections of a service have in common, in one word, to be compared at once: all that is here but times
  /// and numbers.
  @inlinable package var outline: UInt64 {
    @inline(__always) get {
      unsafe unsafeBitCast(
        (facts, kind, announcements, closedFirst, closeKind, requestedBy, marks),
        to: UInt64.self
      )
    }
  }

  // In nanoseconds, which other modules can read in place.

  /// When the first FIN or RST came.
  @inlinable package var closed: Int64? {
    @inline(__always) get {
      let code = particulars.closedNanoseconds
      return code == 0 ? nil : code &+ Conversation.Particulars.never
    }
  }
  /// The silence before it.
  @inlinable package var idleBeforeClose: Int64? {
    @inline(__always) get {
      let code = particulars.idleNanoseconds
      return code == 0 ? nil : code &+ Conversation.Particulars.never
    }
    @inline(__always) set { particulars.idleNanoseconds = newValue.map { $0 &- Conversation.Particulars.never } ?? 0 }
  }

  /// Silence before the last request.
  @inlinable package var lastGap: Int64 {
    @inline(__always) get { particulars.lastGapNanoseconds }
    @inline(__always) set { particulars.lastGapNanoseconds = newValue }
  }
  @inlinable package var openSiblings: UInt32 {
    @inline(__always) get { particulars.openSiblings }
    @inline(__always) set { particulars.openSiblings = newValue }
  }

  @inlinable package var hasAnnouncements: Bool {
    @inline(__always) get { announcements.rawValue != 0 }
  }

  package var announcedMaximum: UInt16? {
    get { announcements.contains(.maximum) ? particulars.announcedMaximum : nil }
    set { (particulars.announcedMaximum, announcements[.maximum]) = (newValue ?? 0, newValue != nil) }
  }
  package var clientTimeout: UInt16? {
    get { announcements.contains(.clientTimeout) ? particulars.clientTimeout : nil }
    set { (particulars.clientTimeout, announcements[.clientTimeout]) = (newValue ?? 0, newValue != nil) }
  }
  package var serverTimeout: UInt16? {
    get { announcements.contains(.timeout) ? particulars.announcedTimeout : nil }
    set { (particulars.announcedTimeout, announcements[.timeout]) = (newValue ?? 0, newValue != nil) }
  }

  /// What was seen of it proves nothing of what was said.
  package mutating func forgetWhatWasSaid() {
    kind = .unknown
    facts = Conversation.Facts()
    hasPayload = false
    exchanges = nil
    requestedBy = nil
    isHTTP10 = false
    unansweredProbes = 0
    announcements = Conversation.Announcements()
    idleBeforeClose = nil
    lastGap = 0
  }
}

extension Conversation.Announcements {
  fileprivate subscript(announcement: Self) -> Bool {
    get { contains(announcement) }
    set { if newValue { insert(announcement) } else { remove(announcement) } }
  }
}
