package import PacketDecoding

/// The two parts that a conversation is kept in.
extension Conversation {
  /// What every conversation needs: one cache line.
  struct Turns: Sendable, BitwiseCopyable {
    private var lastPayloadNanoseconds = Self.never
    private var closedNanoseconds = Self.never
    private var idleNanoseconds = Self.never
    var lastGap = Seconds.zero
    var longestGap = Seconds.zero
    var requests: UInt32 = 0
    var answers: UInt32 = 0
    var openSiblings: UInt32 = 0
    var announcedTimeout: UInt16 = 0
    var announcedMaximum: UInt16 = 0
    var clientTimeout: UInt16 = 0
    var facts = Facts()
    var kind = Kind.unknown
    var announcements = Announcements()

    /// An optional would need twice the room, in each connection.
    private static let never = Int64.min

    var lastPayload: Instant? {
      @inline(__always) get {
        lastPayloadNanoseconds == Self.never ? nil : Instant(nanoseconds: lastPayloadNanoseconds)
      }
      @inline(__always) set { lastPayloadNanoseconds = newValue?.nanoseconds ?? Self.never }
    }

    var closed: Instant? {
      get { closedNanoseconds == Self.never ? nil : Instant(nanoseconds: closedNanoseconds) }
      set { closedNanoseconds = newValue?.nanoseconds ?? Self.never }
    }

    var idleBeforeClose: Seconds? {
      get { idleNanoseconds == Self.never ? nil : Seconds(nanoseconds: idleNanoseconds) }
      set { idleNanoseconds = newValue?.nanoseconds ?? Self.never }
    }
  }

  /// Where each direction stands in its messages, and its keep-alive probes.
  struct Speakers: Sendable, BitwiseCopyable {
    var client = Speaker()
    var server = Speaker()
  }

  /// Whether the speakers are in another state than at first, or may be: where only turns are told apart they never
  /// leave it but for probes.
  @inline(__always)
  var needsSpeakers: Bool {
    switch kind {
    case .unknown, .http1, .http2, .tls, .other: true
    case .notCaptured: speakers.client.probes.count > 0 || speakers.server.probes.count > 0
    }
  }
}

extension Conversation {
  package internal(set) var client: Speaker {
    @inline(__always) get { speakers.client }
    @inline(__always) _modify { yield &speakers.client }
  }

  package internal(set) var server: Speaker {
    @inline(__always) get { speakers.server }
    @inline(__always) _modify { yield &speakers.server }
  }

  /// When payload last went either way.
  package internal(set) var lastPayload: Instant? {
    @inline(__always) get { turns.lastPayload }
    @inline(__always) set { turns.lastPayload = newValue }
  }

  /// When the first FIN or RST came.
  package internal(set) var closed: Instant? {
    @inline(__always) get { turns.closed }
    @inline(__always) set { turns.closed = newValue }
  }

  /// Silence before the first FIN or RST.
  package internal(set) var idleBeforeClose: Seconds? {
    @inline(__always) get { turns.idleBeforeClose }
    @inline(__always) set { turns.idleBeforeClose = newValue }
  }

  /// Silence before the last request.
  package internal(set) var lastGap: Seconds {
    @inline(__always) get { turns.lastGap }
    @inline(__always) set { turns.lastGap = newValue }
  }

  /// The longest silence before any request.
  package internal(set) var longestGap: Seconds {
    @inline(__always) get { turns.longestGap }
    @inline(__always) set { turns.longestGap = newValue }
  }

  package internal(set) var requests: UInt32 {
    @inline(__always) get { turns.requests }
    @inline(__always) set { turns.requests = newValue }
  }

  /// Answers begun before the client's FIN; turns of direction where messages cannot be told apart.
  package internal(set) var answers: UInt32 {
    @inline(__always) get { turns.answers }
    @inline(__always) set { turns.answers = newValue }
  }

  /// Other connections of the client to the service that were open at the first FIN or RST.
  package internal(set) var openSiblings: UInt32 {
    @inline(__always) get { turns.openSiblings }
    @inline(__always) set { turns.openSiblings = newValue }
  }

  package internal(set) var facts: Facts {
    @inline(__always) get { turns.facts }
    @inline(__always) set { turns.facts = newValue }
  }

  package internal(set) var kind: Kind {
    @inline(__always) get { turns.kind }
    @inline(__always) set { turns.kind = newValue }
  }
}
