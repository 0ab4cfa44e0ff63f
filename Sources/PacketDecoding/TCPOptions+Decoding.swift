/// Option kinds and their lengths with kind and length octets (IANA, TCP Option Kind Numbers).
@usableFromInline
enum TCPOption {
  static let endOfList: UInt8 = 0
  static let noOperation: UInt8 = 1
  static let maximumSegmentSize: UInt8 = 2
  static let windowScale: UInt8 = 3
  static let sackPermitted: UInt8 = 4
  static let timestamps: UInt8 = 8
  static let fastOpen: UInt8 = 34
  /// Shared by experiments, which a 16-bit number tells apart (RFC 6994); 0xF989 was Fast Open (RFC 7413, 4.1).
  static let experiment: UInt8 = 254
  static let fastOpenExperiment: UInt16 = 0xF989

  static let maximumSegmentSizeLength = 4
  static let windowScaleLength = 3
  static let sackPermittedLength = 2
  static let timestampsLength = 10
  /// Without a cookie, and with the longest.
  static let fastOpenLengths = 2...18
  static let experimentLength = 4

  /// The first option of most SYNs, with its kind and length.
  @inlinable static var segmentSizeLength: Int { 4 }
  @inlinable static var usualSegmentSize: UInt32 { 0x0204 }
  /// What Linux has behind it: SACK permitted and timestamps, a NOP, the window scale.
  @inlinable static var usualRestLength: Int { 16 }
  @inlinable static var sackAndTimestamps: UInt32 { 0x0402_080A }
  @inlinable static var alignedWindowScale: UInt32 { 0x01_0303 }

  /// How nearly every segment after the handshake begins: two NOPs and the timestamps (RFC 7323, appendix A).
  @inlinable static var alignedTimestamps: UInt32 { 0x0101_080A }
  @inlinable static var alignedTimestampsLength: Int { 12 }
}

extension TCPOptions {
  /// RFC 7323, 2.3.
  @inlinable static var maximumWindowScale: UInt32 { 14 }

  /// Reads the options between two offsets, of which the capture may hold fewer.
  @inline(__always)
  init(_ frame: RawSpan, from start: Int, to end: Int) {
    self.init()
    guard start < end else { return }
    let isTimestampsOnly =
      end - start == TCPOption.alignedTimestampsLength && frame.byteCount >= end
      && frame.uint32(at: start) == TCPOption.alignedTimestamps
    if isTimestampsOnly {
      readTimestamps(frame, at: start + 2)
    } else {
      self = Self.list(frame, from: start, to: end)
    }
  }

  /// Returned, not filled in, so that the caller can keep its own in registers.
  @inline(never)
  static func list(_ frame: RawSpan, from start: Int, to end: Int) -> TCPOptions {
    var options = TCPOptions()
    let offset = options.readUsual(frame, from: start, to: end)
    if offset < end { options.readList(frame, from: offset, to: end) }
    return options
  }

  /// Reads what most lists of a SYN begin with: the segment size, behind which Linux has all else in one order
  /// (net/ipv4/tcp_output.c, `tcp_options_write`).
  ///
  /// - Returns: where the rest begins.
  @inlinable @inline(__always)
  mutating func readUsual(_ octets: RawSpan, from start: Int, to end: Int) -> Int {
    // All of it is among the octets then: the loads look at no bounds.
    guard start >= 0, end <= octets.byteCount, end &- start >= TCPOption.segmentSizeLength else { return start }
    let size = octets.uint32(uncheckedAt: start)
    guard size >> 16 == TCPOption.usualSegmentSize else { return start }
    let rest = start &+ TCPOption.segmentSizeLength
    others = size & 0xFFFF | UInt32(Present.segmentSizeBit) << 24
    guard end &- rest == TCPOption.usualRestLength else { return rest }
    let scale = octets.uint32(uncheckedAt: rest &+ 12)
    guard octets.uint32(uncheckedAt: rest) == TCPOption.sackAndTimestamps,
      scale >> 8 == TCPOption.alignedWindowScale
    else { return rest }
    others |= min(scale & 0xFF, Self.maximumWindowScale) << 16 | UInt32(Present.sackAndScaleBits) << 24
    setTimestamps(octets.uint32(uncheckedAt: rest &+ 4), echo: octets.uint32(uncheckedAt: rest &+ 8))
    return end
  }

  /// A known option of the wrong length is passed over, as in Linux (net/ipv4/tcp_input.c, `tcp_parse_options`); one
  /// that does not fit ends the list.
  private mutating func readList(_ frame: RawSpan, from start: Int, to listEnd: Int) {
    let end = min(listEnd, frame.byteCount)
    var offset = start
    while offset < end {
      let kind = frame.uint8(at: offset)
      if kind == TCPOption.endOfList { return }
      if kind == TCPOption.noOperation {
        offset += 1
        continue
      }
      guard end - offset >= 2 else { return present.insert(.damaged) }
      let length = Int(frame.uint8(at: offset + 1))
      guard length >= 2 && end - offset >= length else { return present.insert(.damaged) }
      read(frame, kind: kind, length: length, at: offset)
      offset += length
    }
    if end < listEnd { present.insert(.damaged) }
  }

  @inline(__always)
  private mutating func read(_ frame: RawSpan, kind: UInt8, length: Int, at offset: Int) {
    switch (kind, length) {
    case (TCPOption.maximumSegmentSize, TCPOption.maximumSegmentSizeLength):
      maximumSegmentSize = frame.uint16(at: offset + 2)
      present.insert(.maximumSegmentSize)
    case (TCPOption.windowScale, TCPOption.windowScaleLength):
      windowScale = min(frame.uint8(at: offset + 2), UInt8(Self.maximumWindowScale))
      present.insert(.windowScale)
    case (TCPOption.sackPermitted, TCPOption.sackPermittedLength):
      present.insert(.sackPermitted)
    case (TCPOption.timestamps, TCPOption.timestampsLength):
      readTimestamps(frame, at: offset)
    case (TCPOption.fastOpen, TCPOption.fastOpenLengths):
      present.insert(.fastOpen)
    case (TCPOption.experiment, TCPOption.experimentLength...):
      if frame.uint16(at: offset + 2) == TCPOption.fastOpenExperiment { present.insert(.fastOpen) }
    case (TCPOption.maximumSegmentSize, _), (TCPOption.windowScale, _), (TCPOption.sackPermitted, _),
      (TCPOption.timestamps, _), (TCPOption.fastOpen, _):
      present.insert(.damaged)
    default:
      break
    }
  }

  @inline(__always)
  private mutating func readTimestamps(_ frame: RawSpan, at offset: Int) {
    setTimestamps(frame.uint32(at: offset + 2), echo: frame.uint32(at: offset + 6))
  }

  @inlinable @inline(__always)
  mutating func setTimestamps(_ value: UInt32, echo: UInt32) {
    timestampValue = value
    timestampEcho = echo
    present.rawValue |= Present.timestampsBit
  }
}

extension TCPOptions.Present {
  /// The bits behind the accessors.
  enum Bit: UInt8 {
    case maximumSegmentSize = 1
    case windowScale = 2
    case sackPermitted = 4
    /// `timestampsBit`; those of the three before it are in `segmentSizeBit` and `sackAndScaleBits`.
    case timestamps = 8
    case fastOpen = 16
    case damaged = 128
  }

  @inline(__always)
  mutating func insert(_ bit: Bit) {
    rawValue |= bit.rawValue
  }
}
