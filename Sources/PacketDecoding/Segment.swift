/// A TCP segment as it was seen on the wire: everything that later stages need, so that no byte of a frame is read
/// twice.
@usableFromInline
package struct Segment: Sendable, BitwiseCopyable {
  @usableFromInline package var source: Endpoint
  @usableFromInline package var destination: Endpoint
  @usableFromInline package var sequence: SequenceNumber
  /// Meaningful only with `flags.isACK`.
  @usableFromInline package var acknowledgment: SequenceNumber
  @usableFromInline package var flags: TCPFlags
  /// As sent, not yet scaled.
  @usableFromInline package var window: UInt16
  /// Octets of TCP payload on the wire, also where the capture holds fewer.
  @usableFromInline package var payloadLength: UInt32
  @usableFromInline package var options: TCPOptions
  /// IPv4 TTL or IPv6 hop limit.
  @usableFromInline package var hopLimit: UInt8
  @usableFromInline package var checksum: ChecksumVerdict
  /// Keys apart what shares addresses and ports but is not the same network: 0 outside any tunnel, otherwise a hash
  /// of the tunnel's kind and identifiers.
  @usableFromInline package var scope: UInt32
  /// Where the payload begins in the frame.
  @usableFromInline package var payloadOffset: UInt32 = 0

  package init(
    source: Endpoint,
    destination: Endpoint,
    sequence: SequenceNumber,
    acknowledgment: SequenceNumber = SequenceNumber(0),
    flags: TCPFlags,
    window: UInt16 = 65535,
    payloadLength: UInt32 = 0,
    options: TCPOptions = TCPOptions(),
    hopLimit: UInt8 = 64,
    checksum: ChecksumVerdict = .unverified,
    scope: UInt32 = 0
  ) {
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.flags = flags
    self.window = window
    self.payloadLength = payloadLength
    self.options = options
    self.hopLimit = hopLimit
    self.checksum = checksum
    self.scope = scope
  }

  /// What the segment takes of the sequence space: payload, SYN and FIN (RFC 9293, 3.4: SEG.LEN).
  @inlinable @inline(__always)
  package var sequenceLength: UInt32 {
    payloadLength &+ (flags.isSYN ? 1 : 0) &+ (flags.isFIN ? 1 : 0)
  }

  /// The sequence number after the segment's last.
  @inlinable @inline(__always)
  package var sequenceEnd: SequenceNumber { sequence &+ sequenceLength }
}

/// The TCP options that tracking uses (RFC 9293, RFC 7323, RFC 2018).
@usableFromInline
package struct TCPOptions: Sendable, BitwiseCopyable, Equatable {
  @usableFromInline package var timestampValue: UInt32 = 0
  @usableFromInline package var timestampEcho: UInt32 = 0
  /// The three below, in one number that is written at once.
  @usableFromInline var others: UInt32 = 0

  @inlinable
  package init() {}

  @inlinable @inline(__always)
  package var maximumSegmentSize: UInt16 {
    get { UInt16(truncatingIfNeeded: others) }
    set { others = others & ~0xFFFF | UInt32(newValue) }
  }

  /// The shift count, at most 14; larger ones are read as 14 (RFC 7323, 2.3).
  @inlinable @inline(__always)
  package var windowScale: UInt8 {
    get { UInt8(truncatingIfNeeded: others >> 16) }
    set { others = others & ~0xFF_0000 | UInt32(newValue) << 16 }
  }

  @inlinable @inline(__always)
  package var present: Present {
    get { Present(rawValue: UInt8(truncatingIfNeeded: others >> 24)) }
    set { others = others & ~0xFF00_0000 | UInt32(newValue.rawValue) << 24 }
  }

  /// Which options the header carries.
  @usableFromInline
  package struct Present: Sendable, BitwiseCopyable, Equatable {
    @usableFromInline package var rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inlinable static var timestampsBit: UInt8 { 8 }

    @inlinable @inline(__always) package var maximumSegmentSize: Bool { rawValue & 1 != 0 }
    @inlinable @inline(__always) package var windowScale: Bool { rawValue & 2 != 0 }
    @inlinable @inline(__always) package var sackPermitted: Bool { rawValue & 4 != 0 }
    @inlinable @inline(__always) package var timestamps: Bool { rawValue & Self.timestampsBit != 0 }
    @inlinable @inline(__always) package var fastOpen: Bool { rawValue & 16 != 0 }
    /// The list was cut or malformed; what came before it counts.
    @inlinable @inline(__always) package var damaged: Bool { rawValue & 128 != 0 }
  }
}

@usableFromInline
package enum ChecksumVerdict: UInt8, Sendable, BitwiseCopyable {
  /// Not asked for, or not possible: the capture holds too few octets, or the packet is a fragment.
  case unverified
  case good
  case bad
}

/// An ICMP or ICMPv6 error that quotes a TCP segment of one of our connections.
package struct ICMPError: Sendable, BitwiseCopyable, Equatable {
  package enum Kind: UInt8, Sendable, BitwiseCopyable {
    case networkUnreachable, hostUnreachable, portUnreachable, administrativelyProhibited, otherUnreachable
    case packetTooBig, timeExceeded, parameterProblem
  }

  @usableFromInline package var kind: Kind
  /// Who sent the error.
  @usableFromInline package var reporter: IPAddress
  /// The ends of the quoted segment, as it was sent.
  @usableFromInline package var source: Endpoint
  @usableFromInline package var destination: Endpoint
  @usableFromInline package var sequence: SequenceNumber
  @usableFromInline package var scope: UInt32

  package init(
    kind: Kind,
    reporter: IPAddress,
    source: Endpoint,
    destination: Endpoint,
    sequence: SequenceNumber,
    scope: UInt32 = 0
  ) {
    self.kind = kind
    self.reporter = reporter
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.scope = scope
  }
}
