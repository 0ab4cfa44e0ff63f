internal import PacketDecoding

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

  init() {}

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

  /// The end of the newest segment that it was seen to send is not its `next`: it stands in the rarities. (`next` may
  /// be beyond it, by the peer's acknowledgments.)
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

  /// It has sent something, and no RST.
  var isHeard: Bool {
    @inline(__always) get { Self.isHeard(observedAndMarks & 0x0F) }
  }

  /// Nothing here depends on a segment that goes on at `next`.
  var isSettled: Bool {
    // Together with the mark of one more octet it would be none of these states.
    @inline(__always) get { !isNewestApart && Self.isHeard(observedAndMarks & (0x0F | 0x20)) }
  }

  @inline(__always)
  private static func isHeard(_ state: UInt8) -> Bool {
    (ObservedEndState.synSent.rawValue...ObservedEndState.closedUncleanly.rawValue).contains(state)
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

  @inline(__always)
  mutating func noteOnce(_ letter: History.Letter) { onceAndAttribution |= 1 << UInt16(letter.rawValue) }

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
