internal import PacketDecoding

/// A segment on its way to its connection, with what is found out about it before its turn.
///
/// Segments are taken in batches: looking up each one's connection first, for the memory of all to arrive at once. Two
/// cache lines, of which IPv6 alone needs all.
struct Arrival: BitwiseCopyable {
  var segment = Segment.blank

  /// Where among the octets of its batch the frame begins, and where those end that may be looked at.
  private var frameStart: UInt32 = 0
  private(set) var octetsEnd: UInt32 = 0

  /// Set by `Tracker.recognize`: that of the key in the index.
  var tag: UInt32 = 0
  /// Set by `Tracker.seek`: where the connection may be, if it is not new.
  var candidate = Slot.none

  /// The interface, above it the namespace, and above that whether it is wide: written at once.
  private var origin: UInt32 = 0
  /// Set by `Tracker.prepare`, which saw no more in it than that it goes on.
  var mayGoOn = false
  /// By what marks.
  var marks = QuietMarks()

  /// Engine time.
  var now = Instant(nanoseconds: 0)
  var captured = Timestamp(nanoseconds: 0)

  var interface: UInt8 {
    @inline(__always) get { UInt8(truncatingIfNeeded: origin) }
  }

  var namespace: UInt8 {
    @inline(__always) get { UInt8(truncatingIfNeeded: origin >> 8) }
  }

  /// The hot line does not hold the whole key.
  var isWide: Bool {
    @inline(__always) get { origin & Self.wide != 0 }
  }

  private static let wide: UInt32 = 1 << 16

  @inline(__always)
  var sender: End { segment.ends.senderIsSecond ? .second : .first }

  /// Of the key, as they stand in the hot line.
  @inline(__always)
  var words: UInt64 { segment.ends.words }

  @inline(__always)
  var ports: UInt32 { segment.ends.ports }

  @inline(__always)
  var key: FlowKey {
    FlowKey(first: segment.ends.first, second: segment.ends.second, scope: segment.scope, namespace: namespace)
  }

  @inline(__always)
  var payloadStart: UInt32 { frameStart &+ segment.payloadOffset }

  /// Where among the octets of its batch the payload that may be looked at stands.
  var payload: Range<Int> {
    let start = min(payloadStart, octetsEnd)
    return Int(start)..<Int(start &+ min(segment.payloadLength, octetsEnd &- start))
  }

  /// Notes when its frame came, and where among the octets of the batch it stands.
  @inline(__always)
  mutating func note(_ frame: FrameRecord) {
    captured = frame.info.timestamp
    frameStart = frame.start
    octetsEnd = UInt32(truncatingIfNeeded: Int(frame.start) &+ Int(frame.count))
  }

  /// Notes where a segment was seen that is not wide.
  @inline(__always)
  mutating func noteNarrow(_ interface: UInt8) { (origin, mayGoOn) = (UInt32(interface), false) }

  /// The same of any, which has been decoded.
  mutating func note(_ interface: UInt8, in namespace: UInt8) {
    let isWide = segment.scope != 0 || namespace != 0 || !segment.ends.areIPv4
    origin = UInt32(interface) | UInt32(namespace) << 8 | (isWide ? Self.wide : 0)
    mayGoOn = false
  }

  /// Its payload stands alone.
  mutating func notePayload(_ count: Int) {
    (frameStart, segment.payloadOffset, octetsEnd) = (0, 0, UInt32(clamping: count))
  }

  /// Leaves at most so much of the payload to be looked at.
  mutating func limitPayload(to limit: UInt32) {
    let (end, overflow) = payloadStart.addingReportingOverflow(limit)
    if !overflow { octetsEnd = min(octetsEnd, end) }
  }
}
