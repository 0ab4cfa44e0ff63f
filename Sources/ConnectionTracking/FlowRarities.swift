internal import PacketDecoding

/// What only some connections have: those that close, speak again and again, or lose something. The table keeps it
/// apart from what all have, from the first time that something of it is not as at first.
struct FlowRarities: Sendable, BitwiseCopyable {
  private var closingPart = FlowClosing()
  private var odditiesPart = FlowOddities()
  /// Something may have been changed.
  private(set) var isTouched = false

  init() {}

  /// A copy.
  init(_ closing: FlowClosing, _ oddities: FlowOddities) {
    (closingPart, odditiesPart) = (closing, oddities)
  }

  var closing: FlowClosing {
    @inline(__always) _read { yield closingPart }
    @inline(__always) _modify {
      isTouched = true
      yield &closingPart
    }
  }

  var oddities: FlowOddities {
    @inline(__always) _read { yield odditiesPart }
    @inline(__always) _modify {
      isTouched = true
      yield &odditiesPart
    }
  }

  mutating func forgetAllButHistory() {
    let letters = oddities.letters
    self = FlowRarities()
    oddities = FlowOddities(letters: letters)
  }
}

/// What comes with the second request, and with the close.
struct FlowClosing: Sendable, BitwiseCopyable {
  // In the order that leaves no gaps.

  var particulars = Conversation.Particulars()
  private var laterFlags: (UInt8, UInt8) = (0, 0)
  /// Where the table keeps the oddities.
  var oddities = RecordNumber.none
  private var ends = InlineArray<2, EndClosing>(repeating: EndClosing())

  subscript(end: End) -> EndClosing {
    @inline(__always) get { end == .first ? ends[0] : ends[1] }
    @inline(__always) _modify { yield &ends[end.index] }
  }

  /// The control bits of all segments of an end after its first but ACK and PSH.
  subscript(laterFlagsOf end: End) -> UInt8 {
    @inline(__always) get { end == .first ? laterFlags.0 : laterFlags.1 }
    @inline(__always) set { if end == .first { laterFlags.0 = newValue } else { laterFlags.1 = newValue } }
  }

  struct EndClosing: Sendable, BitwiseCopyable {
    /// When its TIME_WAIT ends, or the FIN_WAIT_2 of an orphan.
    var timeWaitEnd = Instant(nanoseconds: 0)
    /// The sequence number after its FIN.
    var finEnd = SequenceNumber(0)
    /// What its FIN acknowledged.
    var finAcknowledgment = SequenceNumber(0)
    /// Of the last FIN in the history, which does not repeat it.
    var lastFIN = SequenceNumber(0)
    /// The same of the last RST.
    var lastRST = SequenceNumber(0)
  }
}

/// What is lost, late, repeated or wrong.
struct FlowOddities: Sendable, BitwiseCopyable {
  /// The letters of the history for which the detail has no room.
  private(set) var letters: (UInt64, UInt64)
  private var ends = InlineArray<2, EndOddities>(repeating: EndOddities())

  init(letters: (UInt64, UInt64) = (0, 0)) {
    self.letters = letters
  }

  subscript(end: End) -> EndOddities {
    @inline(__always) get { end == .first ? ends[0] : ends[1] }
    @inline(__always) _modify { yield &ends[end.index] }
  }

  /// How often the numbers of each end began anew.
  var sequenceWraps: (first: UInt16, second: UInt16) {
    @inline(__always) get { (ends[0].sequenceWraps, ends[1].sequenceWraps) }
  }

  @inline(never)
  mutating func append(_ letter: History.Letter, by role: Role, after first: UInt64) {
    var history = History(first, letters)
    history.append(letter, by: role)
    letters = history.rest
  }

  var haveRetransmits: Bool {
    @inline(__always) mutating get { ends[0].retransmits > 0 || ends[1].retransmits > 0 }
  }

  struct EndOddities: Sendable, BitwiseCopyable {
    /// The end of the newest segment it was seen to send, where that is not its `next`.
    var newest = SequenceNumber(0)
    /// The end of a segment outside the window, kept in case the peer acknowledges it.
    var strayEnd = SequenceNumber(0)
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
    /// How often in a row the kernel had no socket where there should be one.
    var absences: UInt8 = 0
    /// The stray segment was a FIN: `finAcknowledgment` is what it acknowledged.
    var hasStrayFIN = false
  }
}

extension Flow {
  /// Puts the newest octets where the long way looks for them.
  @inline(__always)
  mutating func unfold(_ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    if !detail[.first].isNewestApart { rare.oddities[.first].newest = first.next }
    if !detail[.second].isNewestApart { rare.oddities[.second].newest = second.next }
  }

  /// Takes them away again where they are nothing of their own.
  @inline(__always)
  mutating func fold(_ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    fold(.first, &detail, &rare)
    fold(.second, &detail, &rare)
  }

  @inline(__always)
  private mutating func fold(_ end: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) {
    let isApart = rare.oddities[end].newest != self[end].next
    detail[end].isNewestApart = isApart
    if !isApart { rare.oddities[end].newest = SequenceNumber(0) }
  }
}

extension FlowRarities {
  /// Whether all is as at first, which is zero.
  static func isBlank(_ rarities: UnsafeMutablePointer<FlowRarities>) -> Bool {
    unsafe isZero(&rarities.pointee.closingPart) && !rarities.pointee.hasOddities
  }

  var hasOddities: Bool { mutating get { unsafe !isZero(&odditiesPart) } }

  /// Makes all as at first.
  static func clear(_ rarities: UnsafeMutablePointer<FlowRarities>) {
    let count = MemoryLayout<FlowRarities>.size
    unsafe UnsafeMutableRawPointer(rarities).initializeMemory(as: UInt8.self, repeating: 0, count: count)
  }

  /// Brings what is kept to where it is changed.
  @inline(__always)
  mutating func fetch(_ closing: FlowClosing) { closingPart = closing }

  @inline(__always)
  mutating func fetch(_ oddities: FlowOddities) { odditiesPart = oddities }
}

extension FlowClosing {
  @inline(__always)
  static func isBlank(_ closing: UnsafeMutablePointer<FlowClosing>) -> Bool { unsafe isZero(closing) }

  /// Makes all as at first, the octets between as well.
  static func clear(_ closing: UnsafeMutablePointer<FlowClosing>) {
    let count = MemoryLayout<FlowClosing>.size
    unsafe UnsafeMutableRawPointer(closing).initializeMemory(as: UInt8.self, repeating: 0, count: count)
  }
}

@inline(__always)
private func isZero<Value: BitwiseCopyable>(_ value: UnsafePointer<Value>) -> Bool {
  let octets = unsafe UnsafeRawBufferPointer(start: value, count: MemoryLayout<Value>.size)
  var bits: UInt64 = 0
  var offset = 0
  while offset &+ 8 <= octets.count {
    bits |= unsafe octets.load(fromByteOffset: offset, as: UInt64.self)
    offset &+= 8
  }
  while offset < octets.count {
    bits |= unsafe UInt64(octets[offset])
    offset &+= 1
  }
  return bits == 0
}
