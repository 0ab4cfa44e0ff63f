package import PacketDecoding

/// What is needed only when something changes: opening, closing, reports. What few connections need, or for a short
/// time only, is in `FlowRarities`.
package struct FlowDetail: Sendable, BitwiseCopyable {
  /// The first letters of its history.
  private(set) var letters: UInt64 = 0
  /// The number in the lower bits, above it the namespace of its account, and facts.
  private var serialAndFacts: UInt64
  private var service: UInt32 = 0
  private var peer: UInt32 = 0
  /// From the SYN to the handshake's ACK, in microseconds; 0 when it is not known.
  var handshakeMicroseconds: UInt32 = 0
  /// Where the table keeps its rarities.
  var rarities = RecordNumber.none
  private var ends = InlineArray<2, FlowEndDetail>(repeating: FlowEndDetail())

  private static let serialBits: UInt64 = 48
  private static let serialMask: UInt64 = 1 << serialBits - 1

  @inline(__always)
  init(serial: UInt64) {
    serialAndFacts = serial & Self.serialMask
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
  /// Both.
  var hasWholeConversation: Bool {
    @inline(__always) get { serialAndFacts >> 62 == 3 }
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
