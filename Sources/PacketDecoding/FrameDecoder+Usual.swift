/// A frame as nearly all are: TCP in a whole IPv4 packet without IP options, right after an Ethernet header. All
/// headers stand at fixed places then, in few words, and one look at each tells whether it is such a frame.
///
/// It is inlined where many frames are decoded in a row.
@usableFromInline
struct UsualFrame {
  /// Flags and window, below the data offset.
  @usableFromInline let control: UInt32
  /// Of the TCP header.
  @usableFromInline let headerLength: Int32
  /// Of the payload.
  @usableFromInline let length: Int32

  /// The EtherType, then the IP header up to its checksum: its first octet, fragment and protocol count.
  @inlinable static var kindStart: Int { 12 }
  @inlinable static var kindMask: (UInt64, UInt64) { (0xFFFF_FF00_0000_0000, 0x3FFF_00FF_0000_0000) }
  @inlinable static var wholeTCP: (UInt64, UInt64) { (0x0800_4500_0000_0000, 0x0000_0006_0000_0000) }
  @inlinable static var totalLength: Int { 16 }
  @inlinable static var addresses: Int { 26 }
  @inlinable static var tcp: Int { 34 }
  @inlinable static var numbers: Int { 38 }
  /// Data offset, flags and window.
  @inlinable static var controlStart: Int { 46 }
  @inlinable static var controlMask: UInt32 { 0x00FF_FFFF }
  @inlinable static var options: Int { 54 }
  /// Of a segment that has no option but them.
  @inlinable static var timestamps: Int { 58 }
  @inlinable static var endOfTimestamps: Int { 66 }

  @inlinable static var ipHeaderLength: Int32 { 20 }
  @inlinable static var tcpHeaderLength: Int32 { 20 }
  @inlinable static var headerWithTimestamps: Int32 { 32 }

  /// Nil unless the `count` octets from `start` on are one. If they are, the headers up to `options` are among the
  /// octets: that is what makes loads from there safe that look at nothing.
  @inlinable @inline(__always)
  init?(_ octets: RawSpan, at start: Int, count: Int) {
    guard start >= 0, count >= Self.options, octets.byteCount >= start &+ count else { return nil }
    guard octets.are(Self.wholeTCP, uncheckedAt: start &+ Self.kindStart, where: Self.kindMask) else { return nil }
    let offset = octets.uint32(uncheckedAt: start &+ Self.controlStart)
    control = offset & Self.controlMask
    headerLength = Int32(truncatingIfNeeded: offset >> 26 & 0x3C)
    length = Int32(octets.uint16(uncheckedAt: start &+ Self.totalLength)) &- Self.ipHeaderLength &- headerLength
    guard headerLength >= Self.tcpHeaderLength, length >= 0 else { return nil }
  }

  /// Of a frame that is one.
  @inlinable @inline(__always)
  static func setEnds(_ ends: inout SegmentEnds, _ octets: RawSpan, at start: Int) {
    ends.setIPv4(octets.uint64(uncheckedAt: start &+ addresses), octets.uint32(uncheckedAt: start &+ tcp))
  }
}

extension FrameDecoder {
  /// Whether frames may be looked at for being usual ones.
  package var decodesUsual: Bool { linkType == .ethernet && !options.verifiesChecksums }
}

extension Segment {
  /// Whether a frame was a usual one.
  @usableFromInline
  package enum Usual {
    case no
    case yes
    /// But for TCP options that are not as in most SYNs: they are left to `readOptions`, a call, and this is for what
    /// needs none.
    case withOptions
  }

  /// Reads a frame if it is a usual one, as `FrameDecoder.decode` does. Nothing is written when it is not.
  ///
  /// - Parameters:
  ///   - start: where among the octets the frame begins.
  ///   - count: how many of them it has.
  @inlinable @inline(__always)
  package mutating func decodeUsual(_ octets: RawSpan, at start: Int, count: Int) -> Usual {
    guard let usual = UsualFrame(octets, at: start, count: count) else { return .no }
    // No checksum is looked at.
    control = usual.control
    payloadLength = UInt32(truncatingIfNeeded: usual.length)
    payloadOffset = UInt32(truncatingIfNeeded: UsualFrame.tcp) &+ UInt32(truncatingIfNeeded: usual.headerLength)
    options = TCPOptions()
    scope = 0
    let numbers = octets.uint64(uncheckedAt: start &+ UsualFrame.numbers)
    sequence = SequenceNumber(UInt32(truncatingIfNeeded: numbers >> 32))
    acknowledgment = SequenceNumber(UInt32(truncatingIfNeeded: numbers))
    UsualFrame.setEnds(&ends, octets, at: start)
    if usual.headerLength == UsualFrame.tcpHeaderLength { return .yes }
    if usual.headerLength == UsualFrame.headerWithTimestamps, count >= UsualFrame.endOfTimestamps,
      octets.uint32(uncheckedAt: start &+ UsualFrame.options) == TCPOption.alignedTimestamps
    {
      let timestamps = octets.uint64(uncheckedAt: start &+ UsualFrame.timestamps)
      options.setTimestamps(
        UInt32(truncatingIfNeeded: timestamps >> 32),
        echo: UInt32(truncatingIfNeeded: timestamps)
      )
      return .yes
    }
    let (first, end) = (start &+ UsualFrame.options, start &+ UsualFrame.tcp &+ Int(usual.headerLength))
    guard end &- start <= count, options.readUsual(octets, from: first, to: end) == end else { return .withOptions }
    return .yes
  }

  /// The rest of a usual frame.
  @usableFromInline
  package mutating func readOptions(_ frame: RawSpan) {
    options = .list(frame, from: UsualFrame.options, to: Int(payloadOffset))
  }
}
