package import PacketDecoding

/// What each segment of a connection may touch: one cache line.
///
/// IPv4 addresses stand in it whole; the rest of an IPv6 address, and a tunnel's scope, are in the table's
/// `wideKeys`.
package struct Flow: Sendable, BitwiseCopyable {
  var firstWord: UInt32
  var secondWord: UInt32
  var firstPort: UInt16
  var secondPort: UInt16
  package internal(set) var traits = Traits()
  package internal(set) var localSide = LocalSide.unknown
  var firstInterface: UInt8
  var secondInterface: UInt8
  package internal(set) var lastPacket: Timestamp
  /// Engine time of the last segment in milliseconds, for what counts idleness. Wraps after 49 days.
  var lastSeen: UInt32
  package internal(set) var closedFirst = ClosedFirst.none
  package internal(set) var closeKind = CloseKind.none
  var queue = DeadlineQueue.Kind.open
  var quiet = QuietMarks()
  private var ends = InlineArray<2, FlowEnd>(repeating: FlowEnd())

  @inline(__always)
  init(_ words: UInt64, _ ports: UInt32, _ now: Instant, _ captured: Timestamp) {
    firstWord = UInt32(truncatingIfNeeded: words)
    secondWord = UInt32(truncatingIfNeeded: words >> 32)
    firstPort = UInt16(truncatingIfNeeded: ports)
    secondPort = UInt16(truncatingIfNeeded: ports >> 16)
    firstInterface = Self.noInterface
    secondInterface = Self.noInterface
    lastPacket = captured
    lastSeen = now.milliseconds
  }

  subscript(end: End) -> FlowEnd {
    // A constant index: for one that is not, both ends would be copied first.
    @inline(__always) get { end == .first ? ends[0] : ends[1] }
    @inline(__always) _modify { yield &ends[end.index] }
  }

  /// A copy by address: of an end that is not known before, the getter reads both.
  @inline(__always)
  mutating func copy(of end: End) -> FlowEnd {
    func copy(_ end: inout FlowEnd) -> FlowEnd { end }
    return copy(&ends[end.index])
  }

  /// Where an end stands. The caller keeps it no longer than the flow.
  @unsafe
  @inline(__always)
  static func place(of end: End, in flow: UnsafeMutablePointer<Flow>) -> UnsafeMutablePointer<FlowEnd> {
    unsafe withUnsafeMutablePointer(to: &flow.pointee.ends) { ends in
      unsafe UnsafeMutableRawPointer(ends).assumingMemoryBound(to: FlowEnd.self) + end.index
    }
  }

  var first: FlowEnd {
    @inline(__always) get { ends[0] }
    @inline(__always) _modify { yield &ends[0] }
  }

  var second: FlowEnd {
    @inline(__always) get { ends[1] }
    @inline(__always) _modify { yield &ends[1] }
  }

  /// What its ends say is not read: payload in order changes no more of the conversation than the turns.
  var isOpaque: Bool {
    @inline(__always) get { first.spareMark }
    @inline(__always) set { first.spareMark = newValue }
  }

  /// It is opaque, and there will be nothing to tell of the next turn: the detail is not needed for it.
  var turnsSuffice: Bool {
    @inline(__always) get { second.spareMark }
    @inline(__always) set { second.spareMark = newValue }
  }

  /// The end that has `role`.
  @inline(__always)
  func end(of role: Role) -> End {
    (role == .client) == traits.clientIsSecond ? .second : .first
  }

  @inline(__always)
  func role(of end: End) -> Role {
    (end == .second) == traits.clientIsSecond ? .client : .server
  }

  package var clientPhase: Phase {
    @inline(__always) get { self[end(of: .client)].phase }
  }

  package var serverPhase: Phase {
    @inline(__always) get { self[end(of: .server)].phase }
  }

  /// In place of an interface: no segment in this direction yet.
  static let noInterface: UInt8 = 0xFF

  subscript(interfaceOf end: End) -> UInt8 {
    @inline(__always) get { end == .first ? firstInterface : secondInterface }
    @inline(__always) set {
      if end == .first { firstInterface = newValue } else { secondInterface = newValue }
    }
  }
}

extension Flow {
  /// Yes-or-no facts of the whole connection.
  package struct Traits: Sendable, BitwiseCopyable {
    private var bits: UInt8 = 0

    init() {}

    /// Of one that a SYN opens.
    @inline(__always)
    init(isWide: Bool, clientIsSecond: Bool) { bits = (isWide ? 1 : 0) | (clientIsSecond ? 2 : 0) | 4 }

    private subscript(mask: UInt8) -> Bool {
      @inline(__always) get { bits & mask != 0 }
      @inline(__always) set { bits = newValue ? bits | mask : bits & ~mask }
    }

    /// Addresses that do not fit the hot line, or a tunnel: the whole key is in the table's `wideKeys`.
    var isWide: Bool {
      @inline(__always) get { self[1] }
      @inline(__always) set { self[1] = newValue }
    }
    var clientIsSecond: Bool {
      @inline(__always) get { self[2] }
      @inline(__always) set { self[2] = newValue }
    }
    /// The handshake told who opened.
    package internal(set) var rolesObserved: Bool {
      @inline(__always) get { self[4] }
      @inline(__always) set { self[4] = newValue }
    }
    /// Known from the kernel's socket table alone.
    package internal(set) var fromKernel: Bool {
      @inline(__always) get { self[8] }
      @inline(__always) set { self[8] = newValue }
    }
    package internal(set) var evicted: Bool {
      @inline(__always) get { self[16] }
      @inline(__always) set { self[16] = newValue }
    }
    /// The SYN was answered, or the connection was picked up while it was running.
    var isAnswered: Bool {
      @inline(__always) get { self[32] }
      @inline(__always) set { self[32] = newValue }
    }
    /// A segment out of the window is remembered: an ACK of it says that the capture missed what came between.
    var hasStray: Bool {
      @inline(__always) get { self[64] }
      @inline(__always) set { self[64] = newValue }
    }
    /// Nothing but segments in sequence made it what it is.
    @inline(__always)
    var isPlain: Bool { bits & (8 | 64) == 0 }
    /// The kernel said that no process holds the local FIN_WAIT_2 open, and when it ends.
    var isOrphan: Bool {
      @inline(__always) get { self[128] }
      @inline(__always) set { self[128] = newValue }
    }
  }
}
