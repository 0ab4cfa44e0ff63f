package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding

/// One connection as it leaves the engine: a listing, a line of `analyze --format jsonl`, a sample in an alert.
package struct ConnectionRecord: Sendable {
  /// Grows by one with each connection of a worker: the order of a listing, and its cursor.
  package var serial: UInt64
  package var client: Endpoint
  package var server: Endpoint
  package var rolesObserved: Bool
  /// First and last packet; nil when the connection is known from the socket table alone.
  package var start: Timestamp?
  package var end: Timestamp?
  package var clientPhase: Phase
  package var serverPhase: Phase
  /// Zeek's conn_state and history.
  package var connState: String
  package var history: String
  package var closedFirst: ClosedFirst
  package var closeKind: CloseKind
  package var evicted: Bool
  /// Who holds, or held, TIME_WAIT.
  package var clientHeldTimeWait: Bool
  package var serverHeldTimeWait: Bool
  /// What is left of a running TIME_WAIT, the longer one when both ends hold it.
  package var timeWaitRemaining: Seconds?
  package var clientCounters: EndCounters
  package var serverCounters: EndCounters
  package var closeRequestedBy: Role?
  package var closeCause: CauseVerdict?
  /// It has ended, and why is decided when more is known of the others.
  package var causePending = false
  package var conversation = ConversationRecord()
  package var localSide: LocalSide
  /// Of the local end: the server's, when both are local; nil when nobody found out.
  package var owner: OwnerRecord?
  /// Of the client's end, when both are local.
  package var clientOwner: OwnerRecord?
  /// Name of the interface the connection belongs to; nil for a file that does not tell.
  package var interface: String?
  /// Name of the network namespace it was seen in; nil for the daemon's own.
  package var namespace: String?
  package var fromKernel: Bool
  /// Its payload was not captured all the time: counters and what was said are not known.
  package var isPartial = false
  /// What opened, moved and closed it, when it was asked for and is remembered.
  package var sequence: SegmentSequence?

  package init(serial: UInt64, client: Endpoint, server: Endpoint) {
    self.serial = serial
    self.client = client
    self.server = server
    rolesObserved = true
    clientPhase = .closed
    serverPhase = .closed
    connState = "OTH"
    history = ""
    closedFirst = .none
    closeKind = .none
    evicted = false
    clientHeldTimeWait = false
    serverHeldTimeWait = false
    clientCounters = EndCounters()
    serverCounters = EndCounters()
    localSide = .unknown
    fromKernel = false
  }
}

extension ConnectionRecord {
  /// Takes what was decided of its close; nil when nothing was.
  package mutating func note(_ verdict: CauseVerdict?) {
    closeCause = verdict
    causePending = verdict == nil && closeKind != .none
  }
}

/// What one end sent.
package struct EndCounters: Sendable, Equatable {
  /// All segments, retransmissions too.
  package var packets: UInt64 = 0
  /// TCP payload, each byte once.
  package var bytes: UInt64 = 0
  package var retransmits: UInt64 = 0
  /// The control bits of its first segment, those of all, and those of all but the first.
  package var initialFlags = TCPFlags(rawValue: 0)
  package var unionFlags = TCPFlags(rawValue: 0)
  package var laterFlags = TCPFlags(rawValue: 0)

  package init() {}
}
