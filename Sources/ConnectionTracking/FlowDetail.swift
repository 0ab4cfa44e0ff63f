package import PacketDecoding

/// What is needed only when something changes: opening, closing, reports. What few connections need, or for a short
/// time only, is in `FlowRarities`.
package struct FlowDetail: Sendable, BitwiseCopyable {
  /// Time of the first packet.
  package internal(set) var start: Timestamp
  /// When the queue it stands in next has to look at it.
  var deadline = Instant(nanoseconds: .max)
  /// The first letters of its history.
  private(set) var letters: UInt64 = 0
  /// The number in the lower bits, above it the namespace of its account, and facts.
  private var serialAndFacts: UInt64
  private var service: UInt32 = 0
  private var peer: UInt32 = 0
  var previous = Slot.none
  var following = Slot.none
  /// From the SYN to the handshake's ACK, in microseconds; 0 when it is not known.
  var handshakeMicroseconds: UInt32 = 0
  /// Where the table keeps its rarities.
  var rarities = RecordNumber.none
  private var ends = InlineArray<2, FlowEndDetail>(repeating: FlowEndDetail())

  private static let serialBits: UInt64 = 48
  private static let serialMask: UInt64 = 1 << serialBits - 1

  @inline(__always)
  init(serial: UInt64, start: Timestamp) {
    serialAndFacts = serial & Self.serialMask
    self.start = start
  }

  subscript(end: End) -> FlowEndDetail {
    // A constant index: for one that is not, both ends would be copied first.
    @inline(__always) get { end == .first ? ends[0] : ends[1] }
    @inline(__always) _modify { yield &ends[end.index] }
  }

  /// Where an end's part stands. The caller keeps it no longer than the detail.
  @unsafe
  @inline(__always)
  static func place(
    of end: End,
    in detail: UnsafeMutablePointer<FlowDetail>
  ) -> UnsafeMutablePointer<FlowEndDetail> {
    unsafe withUnsafeMutablePointer(to: &detail.pointee.ends) { ends in
      unsafe UnsafeMutableRawPointer(ends).assumingMemoryBound(to: FlowEndDetail.self) + end.index
    }
  }

  /// Grows by one with each connection.
  package internal(set) var serial: UInt64 {
    @inline(__always) get { serialAndFacts & Self.serialMask }
    set { serialAndFacts = serialAndFacts & ~Self.serialMask | newValue & Self.serialMask }
  }

  private subscript(fact bit: UInt64) -> Bool {
    @inline(__always) get { serialAndFacts & UInt64(1) << (63 - bit) != 0 }
    @inline(__always) set {
      let mask = UInt64(1) << (63 - bit)
      serialAndFacts = newValue ? serialAndFacts | mask : serialAndFacts & ~mask
    }
  }

  /// The table holds the turns of its conversation, and the speakers.
  var hasConversation: Bool {
    @inline(__always) get { self[fact: 0] }
    @inline(__always) set { self[fact: 0] = newValue }
  }
  var hasSpeakers: Bool {
    @inline(__always) get { self[fact: 1] }
    @inline(__always) set { self[fact: 1] = newValue }
  }
  var hasUnansweredProbe: Bool {
    @inline(__always) get { self[fact: 2] }
    @inline(__always) set { self[fact: 2] = newValue }
  }
  /// An ICMP error answered its SYN.
  package internal(set) var isUnreachable: Bool {
    get { self[fact: 3] }
    set { self[fact: 3] = newValue }
  }
  /// For some time only what opens and closes connections was captured: neither payload nor exchanges are known.
  package internal(set) var isPartial: Bool {
    get { self[fact: 4] }
    set { self[fact: 4] = newValue }
  }

  package var roundTrip: Seconds? {
    handshakeMicroseconds == 0 ? nil : Seconds(nanoseconds: Int64(handshakeMicroseconds) * 1000)
  }

  package internal(set) var account: AccountKey {
    @inline(__always) get {
      var key = AccountKey(service: service, peer: peer, namespace: UInt8(truncatingIfNeeded: serialAndFacts >> 48))
      key.client = ends[0].holder
      key.server = ends[1].holder
      return key
    }
    @inline(__always) set {
      service = newValue.service
      peer = newValue.peer
      serialAndFacts = serialAndFacts & ~(0xFF << Self.serialBits) | UInt64(newValue.namespace) << Self.serialBits
      ends[0].holder = newValue.client
      ends[1].holder = newValue.server
    }
  }

  /// Adds a letter to the history; false when there is no room for it here.
  @inline(__always)
  mutating func append(_ letter: History.Letter, by role: Role) -> Bool {
    History.append(letter, by: role, to: &letters)
  }

  @inline(__always)
  mutating func append(_ letter: History.Letter, by role: Role, _ rare: inout FlowRarities) {
    if !append(letter, by: role) { rare.oddities.append(letter, by: role, after: letters) }
  }

  @inline(__always)
  var hasRoomForLetters: Bool { History.hasRoom(letters) }
}

/// One end's part of the detail.
struct FlowEndDetail: Sendable, BitwiseCopyable {
  var recentTimestamp: UInt32 = 0
  /// The first sequence number that can carry payload: the one after the SYN, or the first one seen.
  var base = SequenceNumber(0)
  /// The last reading of the kernel's table that had it; 0 for none.
  var reading: UInt16 = 0
  private var owner: UInt16 = 0
  /// Once-letters in the lower bits, above them the attribution of the owner, and whether the newest octet is apart.
  private var onceAndAttribution: UInt16 = 0
  private var observedAndMarks: UInt8 = 0
  /// The control bits of its first segment.
  var initialFlags: UInt8 = 0

  private static let attributionShift: UInt16 = 12
  private static let attributionMask: UInt16 = 7 << attributionShift
  private static let apartMask: UInt16 = 1 << 15
  private static let onceMask: UInt16 = 1 << attributionShift - 1

  /// Who holds the client's socket stands at the first end, and the server's at the other, whoever is first: here is
  /// room for it.
  var holder: Ownership {
    @inline(__always) get {
      // Only `holder` writes these bits: a raw value stands in them.
      let attribution = UInt8(truncatingIfNeeded: (onceAndAttribution & Self.attributionMask) >> Self.attributionShift)
      return unsafe Ownership(owner: owner, attribution: unsafeBitCast(attribution, to: Attribution.self))
    }
    @inline(__always) set {
      owner = newValue.owner
      let attribution = UInt16(newValue.attribution.rawValue) << Self.attributionShift
      onceAndAttribution = onceAndAttribution & ~Self.attributionMask | attribution & Self.attributionMask
    }
  }

  /// The end of the newest segment that it was seen to send is not its `next`: it stands in the rarities. (`next` may be
  /// beyond it, by the peer's acknowledgments.)
  var isNewestApart: Bool {
    @inline(__always) get { onceAndAttribution & Self.apartMask != 0 }
    @inline(__always) set {
      onceAndAttribution = newValue ? onceAndAttribution | Self.apartMask : onceAndAttribution & ~Self.apartMask
    }
  }

  /// Which letters that appear once per direction have appeared.
  var once: OnceLetters {
    @inline(__always) get { OnceLetters(bits: onceAndAttribution & Self.onceMask) }
    @inline(__always) set { onceAndAttribution = onceAndAttribution & ~Self.onceMask | newValue.bits & Self.onceMask }
  }

  var observed: ObservedEndState {
    // Only `observed` writes these bits: a raw value stands in them. (`init(rawValue:)` asks for each one.)
    @inline(__always) get { unsafe unsafeBitCast(observedAndMarks & 0x0F, to: ObservedEndState.self) }
    @inline(__always) set {
      observedAndMarks = unsafe observedAndMarks & 0xF0 | unsafeBitCast(newValue, to: UInt8.self)
    }
  }

  var sentTimestamps: Bool {
    @inline(__always) get { observedAndMarks & 0x10 != 0 }
    @inline(__always) set { observedAndMarks = newValue ? observedAndMarks | 0x10 : observedAndMarks & ~0x10 }
  }

  /// Its last step of acknowledgment was a single octet, as for a FIN.
  var acknowledgedOneMore: Bool {
    @inline(__always) get { observedAndMarks & 0x20 != 0 }
    @inline(__always) set { observedAndMarks = newValue ? observedAndMarks | 0x20 : observedAndMarks & ~0x20 }
  }

  struct OnceLetters: Sendable, BitwiseCopyable {
    fileprivate var bits: UInt16

    @inline(__always)
    func contains(_ letter: History.Letter) -> Bool { bits & 1 << UInt16(letter.rawValue) != 0 }

    /// True the first time it is asked for `letter`.
    @inline(__always)
    mutating func insert(_ letter: History.Letter) -> Bool {
      let mask = UInt16(1) << UInt16(letter.rawValue)
      defer { bits |= mask }
      return bits & mask == 0
    }
  }
}

/// The number of a connection in the table; free numbers are used again.
package struct Slot: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt32

  init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  static let none = Slot(.max)
}
