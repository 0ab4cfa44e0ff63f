/// A TCP segment as it was seen on the wire: everything that later stages need, so that no byte of a frame is read
/// twice.
///
/// One is written for nearly each packet: into few words, several fields at once.
@usableFromInline
package struct Segment: Sendable, BitwiseCopyable {
  @usableFromInline package var ends: SegmentEnds
  // In this order they are the two halves of a word that is read at once, and written at once.
  /// Meaningful only with `flags.isACK`.
  @usableFromInline package var acknowledgment: SequenceNumber
  @usableFromInline package var sequence: SequenceNumber
  /// The window, above it the flags, and above those what is known of the checksum.
  @usableFromInline var control: UInt32
  /// Octets of TCP payload on the wire, also where the capture holds fewer.
  @usableFromInline package var payloadLength: UInt32
  @usableFromInline package var options: TCPOptions
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
    checksum: ChecksumVerdict = .unverified,
    scope: UInt32 = 0
  ) {
    ends = SegmentEnds(source: source, destination: destination)
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    control = Self.control(flags, window: window, checksum)
    self.payloadLength = payloadLength
    self.options = options
    self.scope = scope
  }

  @inlinable @inline(__always) package var source: Endpoint { ends.source }
  @inlinable @inline(__always) package var destination: Endpoint { ends.destination }

  /// What the segment takes of the sequence space: payload, SYN and FIN (RFC 9293, 3.4: SEG.LEN).
  @inlinable @inline(__always)
  package var sequenceLength: UInt32 {
    payloadLength &+ (flags.isSYN ? 1 : 0) &+ (flags.isFIN ? 1 : 0)
  }

  /// The sequence number after the segment's last.
  @inlinable @inline(__always)
  package var sequenceEnd: SequenceNumber { sequence &+ sequenceLength }
}

extension Segment {
  @inline(__always)
  static func control(_ flags: TCPFlags, window: UInt16, _ checksum: ChecksumVerdict) -> UInt32 {
    UInt32(window) | UInt32(flags.rawValue) << 16 | UInt32(checksum.rawValue) << 24
  }

  @inlinable @inline(__always)
  package var flags: TCPFlags {
    get { TCPFlags(rawValue: UInt8(truncatingIfNeeded: control >> 16)) }
    set { control = control & ~0xFF_0000 | UInt32(newValue.rawValue) << 16 }
  }

  /// As sent, not yet scaled.
  @inlinable @inline(__always)
  package var window: UInt16 {
    get { UInt16(truncatingIfNeeded: control) }
    set { control = control & ~0xFFFF | UInt32(newValue) }
  }

  @inlinable @inline(__always)
  package var checksum: ChecksumVerdict {
    get { ChecksumVerdict(rawValue: UInt8(truncatingIfNeeded: control >> 24)) ?? .unverified }
    set { control = control & ~0xFF00_0000 | UInt32(newValue.rawValue) << 24 }
  }

  /// ACK, with or without PSH, and nothing else; with an open window, and no checksum known to be bad.
  @inlinable @inline(__always)
  package var mayJustGoOn: Bool {
    // Of all but PSH and `good`, the bit of ACK is left, above a window from 1 on.
    control & 0x02F7_FFFF &- 0x0010_0001 < 0xFFFF
  }

  /// The same, with or without SYN and FIN.
  @inlinable @inline(__always)
  package var mayMoveOn: Bool { control & 0x02F4_FFFF &- 0x0010_0001 < 0xFFFF }
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
