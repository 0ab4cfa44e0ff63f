internal import PacketDecoding

/// The classic format (draft-ietf-opsawg-pcap): a header of 24 octets, then records of a header and a packet each, all
/// in the byte order of the machine that wrote the file.
struct PcapParser {
  static let headerLength = 24
  private static let usualRecordHeaderLength = 16

  let linkType: LinkType
  private let swapped: Bool
  private let nanosecondsPerTick: Int64
  private let recordHeaderLength: Int
  private let maximumLength: UInt32
  /// Written by libpcap before 0.4 with the two lengths the other way round (2.3: some of them).
  private let lengthOrder: LengthOrder

  private enum LengthOrder {
    case standard, exchanged, unknown
  }

  private enum Magic {
    static let microseconds: UInt32 = 0xa1b2_c3d4
    static let nanoseconds: UInt32 = 0xa1b2_3c4d
    /// Patched libpcaps of Linux 2.0 and 2.2: records carry interface index, protocol and packet type as well.
    static let modified: UInt32 = 0xa1b2_cd34
  }

  enum HeaderFault: Error, Equatable {
    case notPcap
    case version(UInt16, UInt16)
    case linkType(UInt32)
  }

  static func recognizes(_ magic: UInt32) -> Bool {
    [magic, magic.byteSwapped].contains { [Magic.microseconds, Magic.nanoseconds, Magic.modified].contains($0) }
  }

  /// - Parameter header: at least `headerLength` octets.
  init(header: RawSpan) throws(HeaderFault) {
    let magic = header.load32(at: 0, swapped: false)
    guard Self.recognizes(magic) else { throw .notPcap }
    let swapped = ![Magic.microseconds, Magic.nanoseconds, Magic.modified].contains(magic)
    let kind = swapped ? magic.byteSwapped : magic
    let version = (header.load16(at: 4, swapped: swapped), header.load16(at: 6, swapped: swapped))
    guard version.0 == 2 else { throw .version(version.0, version.1) }
    // The upper bits tell of frame check sequences.
    let number = header.load32(at: 20, swapped: swapped) & 0x03ff_ffff
    guard let linkType = LinkType(dlt: Int32(number)) else { throw .linkType(number) }
    self.linkType = linkType
    self.swapped = swapped
    nanosecondsPerTick = kind == Magic.nanoseconds ? 1 : 1000
    recordHeaderLength = kind == Magic.modified ? 24 : Self.usualRecordHeaderLength
    maximumLength = PacketBound.octets(snapLength: header.load32(at: 16, swapped: swapped))
    lengthOrder = version.1 < 3 ? .exchanged : version.1 == 3 ? .unknown : .standard
  }

  /// - Parameter records: what is found, at most `limit` frames; it has room for so many.
  func parse(_ bytes: RawSpan, limit: Int, into records: inout MutableSpan<FrameRecord>) -> ParseStep {
    let isUsual = !swapped && recordHeaderLength == Self.usualRecordHeaderLength && lengthOrder == .standard
    return isUsual
      ? parseUsual(bytes, limit: limit, into: &records) : parseOther(bytes, limit: limit, into: &records)
  }

  /// Records as nearly all files have them: in the byte order of this machine, with the usual header.
  private func parseUsual(_ bytes: RawSpan, limit: Int, into records: inout MutableSpan<FrameRecord>) -> ParseStep {
    let headerLength = Self.usualRecordHeaderLength
    let (maximum, nanosecondsPerTick, room) = (maximumLength, nanosecondsPerTick, min(limit, records.count))
    let end = bytes.byteCount
    let lastHeader = end &- headerLength
    var at = 0
    var frames = 0
    while frames < room {
      guard at <= lastHeader else { return ParseStep(consumed: at, frames: frames, next: .needs(headerLength)) }
      let captured = bytes.load32(uncheckedAt: at &+ 8)
      guard captured <= maximum else {
        return ParseStep(consumed: at, frames: frames, next: .damage(Self.tooLong(captured)))
      }
      let next = at &+ headerLength &+ Int(captured)
      guard next <= end else { return ParseStep(consumed: at, frames: frames, next: .needs(next &- at)) }
      let (seconds, ticks) = (bytes.load32(uncheckedAt: at), bytes.load32(uncheckedAt: at &+ 4))
      records[frames] = FrameRecord(
        start: at &+ headerLength,
        count: captured,
        // At most 2^32 × 10^9 + 2^32 × 1000: no overflow.
        nanoseconds: Int64(seconds) &* 1_000_000_000 &+ Int64(ticks) &* nanosecondsPerTick,
        wireLength: max(captured, bytes.load32(uncheckedAt: at &+ 12)),
        interface: 0
      )
      at = next
      frames &+= 1
    }
    return ParseStep(consumed: at, frames: frames, next: .limit)
  }

  private func parseOther(_ bytes: RawSpan, limit: Int, into records: inout MutableSpan<FrameRecord>) -> ParseStep {
    let headerLength = recordHeaderLength
    let maximum = maximumLength
    let end = bytes.byteCount
    var at = 0
    var frames = 0
    while frames < limit {
      guard end - at >= headerLength else {
        return ParseStep(consumed: at, frames: frames, next: .needs(headerLength))
      }
      let pair = bytes.loadPair(at: at &+ 8, swapped: swapped)
      let (captured, wire) = lengths(pair.first, pair.second)
      guard captured <= maximum else {
        return ParseStep(consumed: at, frames: frames, next: .damage(Self.tooLong(captured)))
      }
      let length = headerLength &+ Int(captured)
      guard end - at >= length else { return ParseStep(consumed: at, frames: frames, next: .needs(length)) }
      records[frames] = FrameRecord(
        start: at &+ headerLength,
        count: captured,
        nanoseconds: nanoseconds(in: bytes, at: at),
        wireLength: max(captured, wire),
        interface: 0
      )
      at &+= length
      frames &+= 1
    }
    return ParseStep(consumed: at, frames: frames, next: .limit)
  }

  private static func tooLong(_ captured: UInt32) -> String {
    "a record claims \(captured) octets, more than any packet has"
  }

  private func nanoseconds(in bytes: RawSpan, at offset: Int) -> Int64 {
    let (seconds, ticks) = bytes.loadPair(at: offset, swapped: swapped)
    // As above.
    return Int64(seconds) &* 1_000_000_000 &+ Int64(ticks) &* nanosecondsPerTick
  }

  private func lengths(_ first: UInt32, _ second: UInt32) -> (captured: UInt32, wire: UInt32) {
    switch lengthOrder {
    case .standard: (first, second)
    case .exchanged: (second, first)
    case .unknown: (min(first, second), max(first, second))
    }
  }
}
