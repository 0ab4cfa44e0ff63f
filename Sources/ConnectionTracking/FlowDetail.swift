package import PacketDecoding

/// What is needed only when something changes: opening, closing, reports. What few connections need, or for a short
/// time only, is in `FlowRarities`.
package struct FlowDetail: Sendable, BitwiseCopyable {
  /// The first letters of its history.
  private(set) var letters: UInt64 = 0
  /// The number in the lower bits, above it the namespace of its account, and facts.
  private var serialAndFacts: UInt64
  /// As in `AccountKey`.
  private var accounts: UInt64 = 0
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

  /// Of a connection that a SYN opens.
  @inline(__always)
  init(serial: UInt64, _ ends: InlineArray<2, FlowEndDetail>) {
    self.init(serial: serial)
    self.ends = ends
    _ = append(.syn, by: .client)
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

  /// The table holds the turns of its conversation, the speakers, and probes.
  var hasConversation: Bool {
    @inline(__always) get { self[fact: 0] }
    @inline(__always) set { self[fact: 0] = newValue }
  }
  var hasSpeakers: Bool {
    @inline(__always) get { self[fact: 1] }
    @inline(__always) set { self[fact: 1] = newValue }
  }
  var hasProbes: Bool {
    @inline(__always) get { self[fact: 6] }
    @inline(__always) set { self[fact: 6] = newValue }
  }
  /// The turns and the speakers.
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

  /// It is known who holds one of its ends.
  private var hasHolders: Bool {
    @inline(__always) get { self[fact: 5] }
    @inline(__always) set { self[fact: 5] = newValue }
  }

  /// The number of its service, and that of its peer.
  var service: UInt32 {
    @inline(__always) get { UInt32(truncatingIfNeeded: accounts) }
  }
  var peer: UInt32 {
    @inline(__always) get { UInt32(truncatingIfNeeded: accounts >> 32) }
  }

  package internal(set) var account: AccountKey {
    @inline(__always) get {
      var key = AccountKey(accounts: accounts, namespace: UInt8(truncatingIfNeeded: serialAndFacts >> Self.serialBits))
      if hasHolders {
        key.client = ends[0].holder
        key.server = ends[1].holder
      }
      return key
    }
    @inline(__always) set {
      accounts = newValue.accounts
      serialAndFacts = serialAndFacts & ~(0xFF << Self.serialBits) | UInt64(newValue.namespace) << Self.serialBits
      if hasHolders || newValue.hasHolders { setHolders(newValue) }
    }
  }

  @inline(never)
  private mutating func setHolders(_ key: AccountKey) {
    ends[0].holder = key.client
    ends[1].holder = key.server
    hasHolders = key.hasHolders
  }

  /// Adds a letter to the history; false when there is no room for it here.
  @inline(__always)
  mutating func append(_ letter: History.Letter, by role: Role) -> Bool {
    History.append(letter, by: role, to: &letters)
  }

  /// The same, where there is.
  @inline(__always)
  mutating func add(_ letter: History.Letter, by role: Role) { History.add(letter, by: role, to: &letters) }

  @inline(__always)
  mutating func append(_ letter: History.Letter, by role: Role, _ rare: inout FlowRarities) {
    if !append(letter, by: role) { rare.oddities.append(letter, by: role, after: letters) }
  }

  @inline(__always)
  var hasRoomForLetters: Bool { History.hasRoom(letters) }

  @inline(__always)
  func hasRoom(forLetters count: Int) -> Bool { History.hasRoom(letters, for: count) }
}
