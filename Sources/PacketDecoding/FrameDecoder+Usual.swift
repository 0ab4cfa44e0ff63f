/// The ends of a segment between IPv4 addresses, as they stand in its headers.
@usableFromInline
package struct IPv4Ends: Sendable, BitwiseCopyable {
  /// The source in the upper half.
  @usableFromInline package let addresses: UInt64
  @usableFromInline package let ports: UInt32

  package static var none: IPv4Ends { IPv4Ends(addresses: 0, ports: 0) }

  @inlinable @inline(__always)
  init(addresses: UInt64, ports: UInt32) {
    self.addresses = addresses
    self.ports = ports
  }

  /// Those of a segment; nil unless both are of IPv4.
  @inlinable
  package init?(of segment: Segment) {
    let (source, destination) = (segment.source, segment.destination)
    guard source.address.isIPv4, destination.address.isIPv4 else { return nil }
    addresses = source.address.low << 32 | destination.address.low & 0xFFFF_FFFF
    ports = UInt32(source.port) << 16 | UInt32(destination.port)
  }

  @inlinable @inline(__always)
  var source: Endpoint {
    Endpoint(
      address: IPAddress(ipv4: UInt32(truncatingIfNeeded: addresses >> 32)),
      port: UInt16(truncatingIfNeeded: ports >> 16)
    )
  }

  @inlinable @inline(__always)
  var destination: Endpoint {
    Endpoint(
      address: IPAddress(ipv4: UInt32(truncatingIfNeeded: addresses)),
      port: UInt16(truncatingIfNeeded: ports)
    )
  }

  /// The same the other way round.
  @inlinable @inline(__always)
  package var reversed: IPv4Ends {
    IPv4Ends(addresses: addresses << 32 | addresses >> 32, ports: ports << 16 | ports >> 16)
  }

  /// Whether the source comes before the destination, by address and then by port.
  @inlinable @inline(__always)
  package var areInOrder: Bool {
    let other = reversed
    // A branch that is foreseen, for both comparisons take longer.
    return _fastPath(addresses != other.addresses) ? addresses < other.addresses : ports <= other.ports
  }
}

/// A frame as nearly all are: TCP in a whole IPv4 packet without IP options, right after an Ethernet header. All
/// headers stand at fixed places then, in few words of eight octets, and one look at each tells whether it is such a
/// frame.
///
/// It is inlined where many frames are decoded in a row.
@usableFromInline
struct UsualFrame {
  /// With the length of the IP packet.
  @usableFromInline let type: UInt64
  /// With the time to live.
  @usableFromInline let fragment: UInt32
  /// With flags and window.
  @usableFromInline let offset: UInt32
  /// Of the TCP header.
  @usableFromInline let headerLength: Int
  /// Of the payload.
  @usableFromInline let length: Int

  /// From the EtherType on: with the first octet of the IP header and the total length.
  @inlinable static var typeStart: Int { 12 }
  @inlinable static var typeMask: UInt64 { 0xFFFF_FF00_0000_0000 }
  @inlinable static var ipv4WithoutOptions: UInt64 { 0x0800_4500_0000_0000 }
  /// Fragment, time to live and protocol.
  @inlinable static var fragmentStart: Int { 20 }
  @inlinable static var fragmentMask: UInt32 { 0x3FFF_00FF }
  @inlinable static var wholeTCP: UInt32 { 0x0000_0006 }
  @inlinable static var addresses: Int { 26 }
  @inlinable static var tcp: Int { 34 }
  @inlinable static var numbers: Int { 38 }
  /// Data offset, flags and window.
  @inlinable static var offsetStart: Int { 46 }
  @inlinable static var options: Int { 54 }

  @inlinable static var ipHeaderLength: Int { 20 }
  @inlinable static var tcpHeaderLength: Int { 20 }

  /// Nil unless it is one.
  @inlinable @inline(__always)
  init?(_ frame: RawSpan) {
    guard frame.byteCount >= Self.options else { return nil }
    type = frame.uint64(at: Self.typeStart)
    fragment = frame.uint32(at: Self.fragmentStart)
    offset = frame.uint32(at: Self.offsetStart)
    headerLength = Int(offset >> 26 & 0x3C)
    length = Int(type >> 16 & 0xFFFF) &- Self.ipHeaderLength &- headerLength
    guard
      type & Self.typeMask == Self.ipv4WithoutOptions && fragment & Self.fragmentMask == Self.wholeTCP,
      headerLength >= Self.tcpHeaderLength, length >= 0
    else { return nil }
  }

  @inlinable @inline(__always)
  static func ends(of frame: RawSpan) -> IPv4Ends {
    IPv4Ends(addresses: frame.uint64(at: addresses), ports: frame.uint32(at: tcp))
  }
}

extension FrameDecoder {
  /// Whether frames may be looked at for being usual ones.
  package var decodesUsual: Bool { linkType == .ethernet && !options.verifiesChecksums }
}

extension Segment {
  /// Reads a frame if it is a usual one, as `FrameDecoder.decode` does. Nothing is written when it is not.
  @inlinable @inline(__always)
  package mutating func decodeUsual(_ frame: RawSpan) -> IPv4Ends? {
    guard let usual = UsualFrame(frame) else { return nil }
    let ends = UsualFrame.ends(of: frame)
    let numbers = frame.uint64(at: UsualFrame.numbers)
    (source, destination) = (ends.source, ends.destination)
    sequence = SequenceNumber(UInt32(truncatingIfNeeded: numbers >> 32))
    acknowledgment = SequenceNumber(UInt32(truncatingIfNeeded: numbers))
    flags = TCPFlags(rawValue: UInt8(truncatingIfNeeded: usual.offset >> 16))
    window = UInt16(truncatingIfNeeded: usual.offset)
    payloadLength = UInt32(truncatingIfNeeded: usual.length)
    payloadOffset = UInt32(truncatingIfNeeded: UsualFrame.tcp &+ usual.headerLength)
    hopLimit = UInt8(truncatingIfNeeded: usual.fragment >> 8)
    checksum = .unverified
    scope = 0
    options = TCPOptions(frame, from: UsualFrame.options, to: UsualFrame.tcp &+ usual.headerLength)
    return ends
  }
}
