package import PacketDecoding

/// What is needed only when something changes: opening, closing, reordering, reports.
package struct FlowDetail: Sendable, BitwiseCopyable {
  /// Grows by one with each connection.
  package internal(set) var serial: UInt64
  /// Time of the first packet.
  package internal(set) var start: Timestamp
  /// When the queue it stands in next has to look at it.
  var deadline = Instant(nanoseconds: .max)
  var previous = Slot.none
  var following = Slot.none
  package internal(set) var account = AccountKey(service: 0, peer: 0)
  package internal(set) var history = History()
  /// From the SYN to the handshake's ACK, in microseconds; 0 when it is not known.
  var handshakeMicroseconds: UInt32 = 0
  /// The table holds the turns of its conversation, and the speakers.
  var hasConversation = false
  var hasSpeakers = false
  var hasUnansweredProbe = false
  private var facts: UInt8 = 0
  private var ends = InlineArray<2, FlowEndDetail>(repeating: FlowEndDetail())

  subscript(end: End) -> FlowEndDetail {
    // A constant index: for one that is not, both ends would be copied first.
    @inline(__always) get { end == .first ? ends[0] : ends[1] }
    @inline(__always) _modify { yield &ends[end.index] }
  }

  /// An ICMP error answered its SYN.
  package internal(set) var isUnreachable: Bool {
    get { facts & 1 != 0 }
    set { facts = newValue ? facts | 1 : facts & ~1 }
  }

  /// For some time only what opens and closes connections was captured: neither payload nor exchanges are known.
  package internal(set) var isPartial: Bool {
    get { facts & 2 != 0 }
    set { facts = newValue ? facts | 2 : facts & ~2 }
  }

  package var roundTrip: Seconds? {
    handshakeMicroseconds == 0 ? nil : Seconds(nanoseconds: Int64(handshakeMicroseconds) * 1000)
  }

}

/// One end's part of the detail.
struct FlowEndDetail: Sendable, BitwiseCopyable {
  // From the widest to the narrowest, but for what goes with timestamps, which stands in one cache line.

  /// When its TIME_WAIT ends, or the FIN_WAIT_2 of an orphan.
  var timeWaitEnd = Instant(nanoseconds: 0)
  var recentTimestamp: UInt32 = 0
  var sentTimestamps = false
  var observed = ObservedEndState.inactive
  var once = OnceLetters()
  /// The first sequence number that can carry payload: the one after the SYN, or the first one seen.
  var base = SequenceNumber(0)
  /// The sequence number after its FIN.
  var finEnd = SequenceNumber(0)
  /// What its FIN acknowledged.
  var finAcknowledgment = SequenceNumber(0)
  /// The end of the newest segment it was seen to send; `next` may be beyond it, by the peer's acknowledgments.
  var newest = SequenceNumber(0)
  /// The end of a segment outside the window, kept in case the peer acknowledges it.
  var strayEnd = SequenceNumber(0)
  /// Of the last FIN and RST in the history, which repeats neither.
  var lastFIN = SequenceNumber(0)
  var lastRST = SequenceNumber(0)
  var retransmits: UInt32 = 0
  var missing = MissingRanges()
  /// These four count for the history's letters, which come at powers of ten: they stop at the end of their range.
  var gaps: UInt16 = 0
  var payloadRetransmits: UInt16 = 0
  var zeroWindows: UInt16 = 0
  var badChecksums: UInt16 = 0
  /// How often `next` passed 2^32, and `packets` did.
  var sequenceWraps: UInt16 = 0
  var packetWraps: UInt16 = 0
  /// The last reading of the kernel's table that had it; 0 for none.
  var reading: UInt16 = 0
  /// How often in a row the kernel had no socket where there should be one.
  var absences: UInt8 = 0
  /// The stray segment was a FIN: `finAcknowledgment` is what it acknowledged.
  var hasStrayFIN = false
  /// The control bits of its first segment, and those of all later ones but ACK and PSH.
  var initialFlags: UInt8 = 0
  var laterFlags: UInt8 = 0
  /// Its last step of acknowledgment was a single octet, as for a FIN.
  var acknowledgedOneMore = false

  /// Where the timestamps stand.
  static let timestampOffset = MemoryLayout<Instant>.size

  /// Which letters that appear once per direction have appeared.
  struct OnceLetters: Sendable, BitwiseCopyable {
    private var bits: UInt16 = 0

    init() {}

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
