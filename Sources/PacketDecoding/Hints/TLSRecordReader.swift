/// The outside of a TLS record (RFC 8446, 5.1), which is all that is not encrypted after the handshake.
package struct TLSRecord: Sendable, BitwiseCopyable, Equatable {
  package enum ContentType: UInt8, Sendable, BitwiseCopyable {
    case changeCipherSpec = 20
    case alert = 21
    case handshake = 22
    case applicationData = 23
    case heartbeat = 24
  }

  package let type: ContentType
  /// Of what follows the header of five octets.
  package let length: UInt16

  package init(type: ContentType, length: UInt16) {
    self.type = type
    self.length = length
  }

  /// Reads a header; nil when it is none.
  init?(header: UInt64) {
    guard let type = ContentType(rawValue: UInt8(truncatingIfNeeded: header >> 32)) else { return nil }
    let version = UInt16(truncatingIfNeeded: header >> 16)
    let length = UInt16(truncatingIfNeeded: header)
    guard version >= 0x0300, version <= 0x0304, length > 0, length <= Self.longest else { return nil }
    self.type = type
    self.length = length
  }

  package static let headerLength = 5
  /// Plaintext of 2^14 octets and what encryption may add (RFC 5246, 6.2.3).
  private static let longest: UInt16 = 16384 + 2048

  /// What an alert (two octets) makes in TLS 1.3 with every cipher suite in use: the octet of the true type and a tag
  /// of 16 (RFC 8446, 5.2).
  package static let encryptedAlertLength: UInt16 = 19
}

/// Follows the records of one direction through its segments, of which the capture may hold only the beginnings.
@usableFromInline
package struct TLSRecordReader: Sendable, BitwiseCopyable {
  package enum Step: Sendable {
    /// A record begins; `bodyOffset` is where, and may lie beyond what was captured.
    case record(TLSRecord, bodyOffset: Int)
    case needsMore
    /// A header was not captured, or what stands in its place is none.
    case lost
  }

  /// Octets of the record that are still to come.
  @usableFromInline var remaining: UInt16
  /// A header that is split between segments.
  @usableFromInline var headerCount: UInt8
  @usableFromInline var headerOctets: UInt32

  @inlinable
  package init() {
    remaining = 0
    headerCount = 0
    headerOctets = 0
  }

  /// All of it, and one that goes on from there.
  package var bits: UInt64 {
    UInt64(headerOctets) << 32 | UInt64(headerCount) << 16 | UInt64(remaining)
  }

  package init(bits: UInt64) {
    remaining = UInt16(truncatingIfNeeded: bits)
    headerCount = UInt8(truncatingIfNeeded: bits >> 16)
    headerOctets = UInt32(truncatingIfNeeded: bits >> 32)
  }

  /// Goes on at `offset` to the next record.
  ///
  /// - Parameters:
  ///   - octets: the captured part of the payload.
  ///   - wireLength: of the payload.
  package mutating func next(_ octets: RawSpan, wireLength: Int, from offset: inout Int) -> Step {
    let skipped = min(Int(remaining), max(wireLength - offset, 0))
    offset += skipped
    remaining -= UInt16(truncatingIfNeeded: skipped)
    var header = UInt64(headerOctets)
    while offset < wireLength {
      guard offset < octets.byteCount else { return .lost }
      header = header << 8 | UInt64(octets.uint8(at: offset))
      offset += 1
      headerCount += 1
      guard headerCount == TLSRecord.headerLength else { continue }
      (headerCount, headerOctets) = (0, 0)
      guard let record = TLSRecord(header: header) else { return .lost }
      remaining = record.length
      return .record(record, bodyOffset: offset)
    }
    headerOctets = UInt32(truncatingIfNeeded: header)
    return .needsMore
  }

  /// Whether a payload begins like a record, as far as it goes.
  package static func mayBegin(_ octets: RawSpan) -> Bool {
    guard octets.byteCount >= TLSRecord.headerLength else {
      return octets.byteCount > 0 && TLSRecord.ContentType(rawValue: octets.uint8(at: 0)) != nil
    }
    let header = UInt64(octets.uint8(at: 0)) << 32 | UInt64(octets.uint32(at: 1))
    return TLSRecord(header: header) != nil
  }
}
