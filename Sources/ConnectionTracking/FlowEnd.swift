internal import PacketDecoding

/// One end's part of the hot line.
package struct FlowEnd: Sendable, BitwiseCopyable {
  /// The sequence number after the last one it sent.
  var next = SequenceNumber(0)
  /// The highest acknowledgment it sent: its own RCV.NXT, or a little less.
  var acknowledged = SequenceNumber(0)
  /// Segments it sent, modulo 2^27, and below them, where they stand in a header, which of ACK and PSH those after the
  /// first had: here, because segments that are taken quietly touch nothing else.
  private var packetsAndFlags: UInt32 = 0
  /// As it last advertised, not scaled.
  var window: UInt16 = 0
  /// Its phase in the lowest four bits, above it the shift of its window field, and above that the marks: together, for
  /// what is asked of all of them at once.
  private var state = UInt16(FlowEnd.unknownScale) << 4

  private static let unknownScale: UInt8 = 15
  /// The largest shift (RFC 7323, 2.3): what an end may use whose SYN was not seen.
  private static let largestScale: UInt8 = 14

  init() {}

  /// One of which nothing is known but its state.
  @inline(__always)
  init(_ phase: Phase) { self.phase = phase }

  /// One that has sent its SYN.
  ///
  /// - Parameter base: the number after it.
  @inline(__always)
  init(_ phase: Phase, from base: SequenceNumber) {
    self.init(phase)
    packetsAndFlags = Self.onePacket
    next = base
    marks.hasNext = true
  }

  /// One that answers a SYN, as it stands after its SYN-ACK.
  @inline(__always)
  init(answering segment: Segment) {
    self.init(.synReceived, from: segment.sequence &+ 1)
    offer(segment)
    acknowledged = segment.acknowledgment
    marks.hasAcknowledged = true
  }

  /// The silent end of a request.
  @inline(__always)
  init(_ facts: RequestFacts, _ account: AccountKey) {
    self.init(.listen)
    packetsAndFlags = facts.timestamp
    window = facts.bits
    requestAccount = account
  }

  var requestFacts: RequestFacts {
    @inline(__always) get { RequestFacts(timestamp: packetsAndFlags, bits: window) }
  }

  var requestAccount: AccountKey {
    @inline(__always) get { AccountKey(service: next.rawValue, peer: acknowledged.rawValue) }
    @inline(__always) set {
      next = SequenceNumber(newValue.service)
      acknowledged = SequenceNumber(newValue.peer)
    }
  }

  mutating func notePartialRequest() { window |= RequestFacts.isPartial }

  /// Segments it sent, modulo 2^27; `FlowOddities` counts the carries.
  var packets: UInt32 {
    @inline(__always) get { packetsAndFlags >> Self.packetShift }
  }

  static let packetBits: UInt32 = 27
  static let packetMask: UInt32 = 1 << packetBits - 1
  private static let packetShift: UInt32 = 32 - packetBits
  private static let onePacket: UInt32 = 1 << packetShift
  /// ACK and PSH. (Of constants of another module it would be made when it is first asked for, and asked about that.)
  static let flagMask: UInt8 = 0x18
  private static let spareMask: UInt32 = 1

  /// ACK and PSH of all segments but the first; the others are in `FlowClosing`.
  var laterFlags: TCPFlags { TCPFlags(rawValue: UInt8(truncatingIfNeeded: packetsAndFlags) & Self.flagMask) }

  /// A bit below the flags that is nothing of the end's: for the connection, whose own are all taken.
  var spareMark: Bool {
    @inline(__always) get { packetsAndFlags & Self.spareMask != 0 }
    @inline(__always) set {
      packetsAndFlags = newValue ? packetsAndFlags | Self.spareMask : packetsAndFlags & ~Self.spareMask
    }
  }

  /// Counts a segment; true when the count began anew.
  @inline(__always)
  mutating func countPacket() -> Bool {
    packetsAndFlags &+= Self.onePacket
    return packets == 0
  }

  /// Not of the first.
  @inline(__always)
  mutating func noteFlags(_ flags: TCPFlags) { packetsAndFlags |= UInt32(flags.rawValue & Self.flagMask) }

  /// Counts a segment that is neither the first nor the last one before the count begins anew.
  @inline(__always)
  mutating func countQuietly(_ flags: TCPFlags) {
    packetsAndFlags = (packetsAndFlags &+ Self.onePacket) | UInt32(flags.rawValue & Self.flagMask)
  }

  /// How many segments there are, with the flags of those before.
  struct Count: BitwiseCopyable {
    fileprivate let bits: UInt32
  }

  /// With one more that is not the first; nil for the last one before the count begins anew.
  var nextCount: Count? {
    @inline(__always) get {
      let (bits, isLast) = packetsAndFlags.addingReportingOverflow(Self.onePacket)
      return isLast ? nil : Count(bits: bits)
    }
  }

  @inline(__always)
  mutating func take(_ count: Count, _ flags: TCPFlags) {
    packetsAndFlags = count.bits | UInt32(flags.rawValue & Self.flagMask)
  }

  private var phaseAndScale: UInt8 {
    @inline(__always) get { UInt8(truncatingIfNeeded: state) }
    @inline(__always) set { state = state & 0xFF00 | UInt16(newValue) }
  }

  var marks: Marks {
    @inline(__always) get { Marks(bits: UInt8(truncatingIfNeeded: state >> 8)) }
    @inline(__always) set { state = state & 0x00FF | UInt16(newValue.bits) << 8 }
  }

  package internal(set) var phase: Phase {
    // Only `phase` writes these bits: a phase's raw value stands in them. (What makes one of the other asks for each.)
    @inline(__always) get { unsafe unsafeBitCast(phaseAndScale & 0x0F, to: Phase.self) }
    @inline(__always) set { phaseAndScale = unsafe phaseAndScale & 0xF0 | unsafeBitCast(newValue, to: UInt8.self) }
  }

  // Phase and marks in one write: of a part of what is read as a whole, the reader waits until it is in the cache, behind
  // all that was written before.

  /// Puts it where its FIN does, which is delivered.
  @inline(__always)
  mutating func close(as phase: Phase) { move(to: phase, Marks.deliveredFIN) }

  /// Puts it into TIME_WAIT.
  @inline(__always)
  mutating func holdTimeWait() { move(to: .timeWait, Marks.heldTimeWait) }

  @inline(__always)
  private mutating func move(to phase: Phase, _ marks: UInt8) {
    state = unsafe state & ~0x0F | UInt16(marks) << 8 | UInt16(unsafeBitCast(phase, to: UInt8.self))
  }

  /// Sets the shift of its window field: nil when its SYN was not seen.
  @inline(__always)
  mutating func setWindowScale(_ shift: UInt8?) {
    phaseAndScale = phaseAndScale & 0x0F | min(shift ?? Self.unknownScale, Self.unknownScale) << 4
  }

  /// The shift of its window field; nil when its SYN was not seen, or did not offer one.
  var windowScale: UInt8? {
    let scale = phaseAndScale >> 4
    return scale == Self.unknownScale ? nil : scale
  }

  var offersScale: Bool {
    @inline(__always) get { phaseAndScale >> 4 != Self.unknownScale }
  }

  /// A SYN's window is not scaled (RFC 7323, 2.2): brings it to the form of all others, rounded up.
  @inline(__always)
  mutating func scaleSYNWindow() {
    let shift = UInt32(min(phaseAndScale >> 4, Self.largestScale))
    window = UInt16(truncatingIfNeeded: (UInt32(window) + (1 << shift) - 1) >> shift)
  }

  /// How far beyond `acknowledged` it takes data, at least 1: a probe of a closed window is one octet long.
  @inline(__always)
  var receiveWindow: UInt32 {
    max(UInt32(window) << UInt32(min(phaseAndScale >> 4, Self.largestScale)), 1)
  }

  /// The largest window that it can have advertised.
  var largestWindow: Int32 { Int32(UInt16.max) << Int32(min(phaseAndScale >> 4, Self.largestScale)) }

  /// How far it has come, to be compared at once: its phase, and those marks that say whether its numbers are known, how
  /// far its FIN is and whether something of it is missing.
  var progress: Progress {
    @inline(__always) get { Progress(bits: state & (0x0F | UInt16(Marks.progress) << 8)) }
  }

  struct Progress: Equatable, Sendable, BitwiseCopyable {
    fileprivate let bits: UInt16

    @inline(__always)
    fileprivate init(bits: UInt16) { self.bits = bits }

    @inline(__always)
    private init(_ phase: Phase, _ marks: UInt8) {
      bits = unsafe UInt16(unsafeBitCast(phase, to: UInt8.self)) | UInt16(marks) << 8
    }

    /// In this phase, with nothing sent.
    @inline(__always)
    static func silent(_ phase: Phase) -> Progress { Progress(phase, 0) }

    /// In this phase, with nothing missing, and no FIN yet.
    @inline(__always)
    static func open(_ phase: Phase) -> Progress { Progress(phase, 1) }

    /// In this phase, with nothing missing, and its FIN delivered.
    @inline(__always)
    static func through(_ phase: Phase) -> Progress { Progress(phase, 1 | 8 | 16) }

    /// Those of both ends, in one word.
    struct Pair: Equatable, Sendable, BitwiseCopyable {
      private let bits: UInt32

      @inline(__always)
      init(own: Progress, peer: Progress) { bits = UInt32(own.bits) | UInt32(peer.bits) << 16 }
    }
  }

  /// Established, with both its numbers known, and nothing of it missing.
  var isSettled: Bool {
    @inline(__always) get {
      let bits = state & (0x0F | UInt16(Marks.settled) << 8)
      return unsafe bits == UInt16(unsafeBitCast(Phase.established, to: UInt8.self)) | (1 | 2) << 8
    }
  }

  /// The same in whatever phase.
  var hasSettledNumbers: Bool {
    @inline(__always) get { state >> 8 & UInt16(Marks.settled) == 1 | 2 }
  }

  /// The same of one that has not acknowledged anything.
  var hasSettledNext: Bool {
    @inline(__always) get { state >> 8 & UInt16(Marks.settled) == 1 }
  }

  struct Marks: Sendable, BitwiseCopyable {
    fileprivate private(set) var bits: UInt8

    fileprivate static let deliveredFIN: UInt8 = 8 | 16
    fileprivate static let heldTimeWait: UInt8 = 64
    fileprivate static let progress: UInt8 = 1 | 8 | 16 | 128
    fileprivate static let settled: UInt8 = 1 | 2 | 8 | 32 | 128

    @inline(__always)
    fileprivate init(bits: UInt8) { self.bits = bits }

    private subscript(mask: UInt8) -> Bool {
      @inline(__always) get { bits & mask != 0 }
      @inline(__always) set { bits = newValue ? bits | mask : bits & ~mask }
    }

    /// `next` means something: it sent a segment.
    var hasNext: Bool {
      @inline(__always) get { self[1] }
      @inline(__always) set { self[1] = newValue }
    }
    /// `acknowledged` means something: it sent an ACK.
    var hasAcknowledged: Bool {
      @inline(__always) get { self[2] }
      @inline(__always) set { self[2] = newValue }
    }
    var sentSYN: Bool {
      @inline(__always) get { self[4] }
      @inline(__always) set { self[4] = newValue }
    }
    var sentFIN: Bool {
      @inline(__always) get { self[8] }
      @inline(__always) set { self[8] = newValue }
    }
    /// Its FIN is in order at the peer: everything before it was seen, or was acknowledged.
    var finDelivered: Bool {
      @inline(__always) get { self[16] }
      @inline(__always) set { self[16] = newValue }
    }
    /// It sent its FIN, and that is in order at the peer.
    @inline(__always)
    var deliveredFIN: Bool { bits & (8 | 16) == 8 | 16 }

    var sentRST: Bool {
      @inline(__always) get { self[32] }
      @inline(__always) set { self[32] = newValue }
    }
    var heldTimeWait: Bool {
      @inline(__always) get { self[64] }
      @inline(__always) set { self[64] = newValue }
    }
    /// Something is missing before `next`: `FlowOddities` knows what.
    var isMissingSome: Bool {
      @inline(__always) get { self[128] }
      @inline(__always) set { self[128] = newValue }
    }
  }
}
