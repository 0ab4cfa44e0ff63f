/// Most segments change nothing but counters: the next data or acknowledgment of a connection that is established and
/// misses nothing. These marks say for which segments that is certain, so that hardly any of `FlowDetail` is touched.
///
/// Whatever takes a segment the long way sets them anew right after it. Both ends are established where there are any:
/// what else puts an end into another state takes them away.
///
/// A segment that they allowed when its connection was looked at is allowed for as long as they are the same.
///
/// Where there are none, they may say which step of its regular course the connection waits for (see `awaiting`).
struct QuietMarks: Equatable, Sendable, BitwiseCopyable {
  /// In the lower half the kinds of segments that may go on, in the upper half those that owe no letter.
  private var bits: UInt8 = 0

  init() {}

  @inline(__always)
  private init(bits: UInt8) { self.bits = bits }

  @inline(__always)
  private static func bit(_ end: End, sendsData: Bool) -> UInt8 {
    1 &<< number(end, sendsData: sendsData)
  }

  /// Below four. (A shift by what might be more than seven is looked at twice; and what gets a raw value is called in
  /// some files, and not inlined.)
  @inline(__always)
  private static func number(_ end: End, sendsData: Bool) -> UInt8 { (end == .second ? 2 : 0) | (sendsData ? 1 : 0) }

  /// Those of one kind of segment.
  struct OfKind: BitwiseCopyable {
    /// The lowest bit, and the fifth where there is no letter to it.
    fileprivate let bits: UInt8

    @inline(__always)
    var allow: Bool { bits & 0x01 != 0 }

    /// The first segment of the kind is still to come, which is a letter in the history.
    @inline(__always)
    var oweLetter: Bool { bits & 0x10 == 0 }

    @inline(__always)
    var allowWithoutLetter: Bool { bits & 0x11 == 0x11 }

    /// What there is to a segment of the kind beside going on.
    @inline(__always)
    func news(mayJustGoOn: Bool) -> News { News(bits: bits & 0x11 ^ (mayJustGoOn ? 0x11 : 0x13)) }
  }

  /// Bits, for no branch to depend on which it is: none of what just goes on, the fifth alone of a letter.
  struct News: BitwiseCopyable {
    let bits: UInt8

    /// 1 where there is more than a letter, otherwise 0.
    @inline(__always)
    var moreThanLetter: UInt8 { (bits | bits >> 1) & 1 }
  }

  @inline(__always)
  func of(_ end: End, sendsData: Bool) -> OfKind { OfKind(bits: bits &>> Self.number(end, sendsData: sendsData)) }

  /// No segment may go on quietly.
  var allowNone: Bool {
    @inline(__always) get { bits & 0x0F == 0 }
  }

  /// Any may: both ends are established, and nothing is odd about their numbers.
  var allowAll: Bool {
    @inline(__always) get { bits & 0x0F == 0x0F }
  }

  /// A step of the regular course, of which nothing needs to be asked but what its segment says.
  struct Step: Equatable, BitwiseCopyable {
    /// Where they stand, with room for the end below.
    fileprivate let bits: UInt8

    /// The ACK that ends the handshake.
    static var handshakeAcknowledgment: Step {
      @inline(__always) get { Step(bits: 1 << 5) }
    }
    /// The ACK of the first FIN, or at once the second FIN.
    static var firstAcknowledgment: Step {
      @inline(__always) get { Step(bits: 2 << 5) }
    }
    static var secondFIN: Step {
      @inline(__always) get { Step(bits: 3 << 5) }
    }
    static var lastAcknowledgment: Step {
      @inline(__always) get { Step(bits: 4 << 5) }
    }
  }

  /// Those of a connection that waits for a step of its course, which is nearly always what comes next, and of which
  /// nothing is odd: what would be asked of both ends at the step was asked when it was noted.
  ///
  /// They stand in the upper half, with nothing below that allows a segment to go on.
  @inline(__always)
  static func awaiting(_ step: Step, from end: End) -> QuietMarks {
    QuietMarks(bits: step.bits | (end == .second ? 0x10 : 0))
  }

  /// Those after a handshake in which nobody said anything: all may go on, and the client alone has sent its ACK.
  @inline(__always)
  static func established(_ client: End) -> QuietMarks {
    QuietMarks(bits: 0x0F | 0x10 &<< number(client, sendsData: false))
  }

  /// Allows all of an end.
  ///
  /// - Parameter letters: those that need not be noted.
  @inline(__always)
  mutating func insert(_ end: End, appeared letters: FlowEndDetail.OnceLetters) {
    let paid: UInt8 = (letters.contains(.ack) ? 0x10 : 0) | (letters.contains(.data) ? 0x20 : 0)
    bits |= (paid | 0x03) &<< Self.number(end, sendsData: false)
  }

  @inline(__always)
  mutating func payLetter(_ end: End, sendsData: Bool) { bits |= Self.bit(end, sendsData: sendsData) << 4 }
}
