package import PacketDecoding

/// The parts that a conversation is kept in.
extension Conversation {
  /// What every conversation needs.
  @usableFromInline
  struct Turns: Sendable, BitwiseCopyable {
    private var lastPayloadNanoseconds = Turns.never
    @usableFromInline var requests: UInt32 = 0
    @usableFromInline var answers: UInt32 = 0
    private var longestGapCode: UInt32 = 0
    @usableFromInline var facts = Facts()
    @usableFromInline var kind = Kind.unknown
    @usableFromInline var announcements = Announcements()

    @inlinable var exchanges: UInt32? {
      switch kind {
      case .http2: nil
      case .tls: facts.mayBeHTTP2 ? nil : answers
      case .unknown, .http1, .other, .notCaptured: answers
      }
    }

    /// An optional would need more room, in each connection.
    private static let never = Int64.min

    var lastPayload: Instant? {
      @inline(__always) get {
        lastPayloadNanoseconds == Self.never ? nil : Instant(nanoseconds: lastPayloadNanoseconds)
      }
      @inline(__always) set { lastPayloadNanoseconds = newValue?.nanoseconds ?? Self.never }
    }

    /// Where there was a payload.
    @inline(__always)
    func silence(before now: Instant) -> Seconds { now - Instant(nanoseconds: lastPayloadNanoseconds) }

    /// Nothing of what is said is read any more.
    var isOpaque: Bool {
      @inline(__always) get {
        switch kind {
        case .unknown, .http1, .tls: false
        case .http2, .other, .notCaptured: true
        }
      }
    }

    /// Nothing was said, as far as was captured.
    var isBlank: Bool {
      kind == .unknown && lastPayload == nil && requests == 0 && answers == 0 && longestGapCode == 0 && facts == Facts()
        && announcements.isEmpty
    }

    /// Before the close: something was announced, or there was more than one request.
    var mayHaveParticulars: Bool {
      @inline(__always) get { requests > 1 || announcements.rawValue != 0 }
    }

    private static let inMilliseconds: UInt32 = 1 << 31

    /// In microseconds, which is what packets are stamped with; beyond half an hour in milliseconds.
    var longestGap: Seconds {
      let count = Int64(longestGapCode & ~Self.inMilliseconds)
      return Seconds(nanoseconds: count * (longestGapCode & Self.inMilliseconds != 0 ? 1_000_000 : 1000))
    }

    /// False where `note` would not change anything, and in nearly no other case.
    @inline(__always)
    func mayBeLongest(_ gap: Seconds) -> Bool {
      gap.nanoseconds > Int64(longestGapCode & ~Self.inMilliseconds) * 1000
    }

    mutating func note(gap: Seconds) {
      guard gap > longestGap else { return }
      let microseconds = (gap.nanoseconds + 500) / 1000
      let isShort = microseconds < Int64(Self.inMilliseconds)
      let milliseconds = UInt32(clamping: min(microseconds / 1000, Int64(Self.inMilliseconds) - 1))
      longestGapCode = isShort ? UInt32(truncatingIfNeeded: microseconds) : milliseconds | Self.inMilliseconds
    }
  }

  /// What those need that announced something, carried more than one request of HTTP/1, or closed.
  @usableFromInline
  struct Particulars: Sendable, BitwiseCopyable, Equatable {
    // Zero is none, and what has none stands in no memory of its own: `never` is added to what there is.
    @usableFromInline var closedNanoseconds: Int64 = 0
    @usableFromInline var idleNanoseconds: Int64 = 0
    @usableFromInline var lastGapNanoseconds: Int64 = 0
    @usableFromInline var openSiblings: UInt32 = 0
    var announcedTimeout: UInt16 = 0
    var announcedMaximum: UInt16 = 0
    var clientTimeout: UInt16 = 0

    @usableFromInline static var never: Int64 {
      @inlinable @inline(__always) get { .min }
    }

    /// Of HTTP/1, where a cause may follow from it.
    var lastGap: Seconds {
      @inline(__always) get { Seconds(nanoseconds: lastGapNanoseconds) }
      @inline(__always) set { lastGapNanoseconds = newValue.nanoseconds }
    }

    var closed: Instant? {
      @inline(__always) get {
        closedNanoseconds == 0 ? nil : Instant(nanoseconds: closedNanoseconds &+ Self.never)
      }
      @inline(__always) set { closedNanoseconds = newValue.map { $0.nanoseconds &- Self.never } ?? 0 }
    }

    var idleBeforeClose: Seconds? {
      @inline(__always) get { idleNanoseconds == 0 ? nil : Seconds(nanoseconds: idleNanoseconds &+ Self.never) }
      @inline(__always) set { idleNanoseconds = newValue.map { $0.nanoseconds &- Self.never } ?? 0 }
    }
  }

  /// Where each direction stands in its messages.
  @usableFromInline
  struct Speakers: Sendable, BitwiseCopyable {
    private var speakers = InlineArray<2, Speaker>(repeating: Speaker())

    subscript(role: Role) -> Speaker {
      // Constant indices: for one that is not, both would be copied first. To change one, a single place to yield: of
      // two, each call of the coroutine may allocate.
      @inline(__always) get { role == .client ? speakers[0] : speakers[1] }
      @inline(__always) _modify { yield &speakers[role == .client ? 0 : 1] }
    }

    /// Where one stands: there is nothing beside the two. The caller keeps it no longer than the speakers.
    @unsafe
    @inline(__always)
    static func place(of role: Role, in speakers: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Speaker> {
      unsafe UnsafeMutableRawPointer(speakers).assumingMemoryBound(to: Speaker.self) + (role == .client ? 0 : 1)
    }

    /// Makes all as at first, which is zero.
    @inline(__always)
    static func clear(_ speakers: UnsafeMutablePointer<Self>) {
      let count = MemoryLayout<Self>.size
      unsafe UnsafeMutableRawPointer(speakers).initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    var client: Speaker {
      @inline(__always) get { speakers[0] }
      @inline(__always) _modify { yield &speakers[0] }
    }

    var server: Speaker {
      @inline(__always) get { speakers[1] }
      @inline(__always) _modify { yield &speakers[1] }
    }
  }

  /// The keep-alive probes of each end: most send none.
  package struct Probes: Sendable, BitwiseCopyable {
    package internal(set) var client = KeepAliveProbes()
    package internal(set) var server = KeepAliveProbes()

    subscript(role: Role) -> KeepAliveProbes {
      get { role == .client ? client : server }
      set { if role == .client { client = newValue } else { server = newValue } }
    }

    var areUnanswered: Bool { client.unanswered > 0 || server.unanswered > 0 }
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
    @inline(__always) get { particulars.closed }
    @inline(__always) set { particulars.closed = newValue }
  }

  /// Silence before the first FIN or RST.
  package internal(set) var idleBeforeClose: Seconds? {
    @inline(__always) get { particulars.idleBeforeClose }
    @inline(__always) set { particulars.idleBeforeClose = newValue }
  }

  /// Silence before the last request.
  package internal(set) var lastGap: Seconds {
    @inline(__always) get { particulars.lastGap }
    @inline(__always) set { particulars.lastGap = newValue }
  }

  /// The longest silence before any request.
  package var longestGap: Seconds { turns.longestGap }

  @inlinable package internal(set) var requests: UInt32 {
    @inline(__always) get { turns.requests }
    @inline(__always) set { turns.requests = newValue }
  }

  /// Answers begun before the client's FIN; turns of direction where messages cannot be told apart.
  @inlinable package internal(set) var answers: UInt32 {
    @inline(__always) get { turns.answers }
    @inline(__always) set { turns.answers = newValue }
  }

  /// Other connections of the client to the service that were open at the first FIN or RST.
  @inlinable package internal(set) var openSiblings: UInt32 {
    @inline(__always) get { particulars.openSiblings }
    @inline(__always) set { particulars.openSiblings = newValue }
  }

  @inlinable package internal(set) var facts: Facts {
    @inline(__always) get { turns.facts }
    @inline(__always) set { turns.facts = newValue }
  }

  @inlinable package internal(set) var kind: Kind {
    @inline(__always) get { turns.kind }
    @inline(__always) set { turns.kind = newValue }
  }
}
