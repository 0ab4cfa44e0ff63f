/// What a packet inherits from the headers around it.
struct Envelope: BitwiseCopyable {
  /// Where the packet ends on the wire, as an offset into the frame; the capture may end before.
  var end: Int
  /// `Segment.scope` of what is inside.
  var scope: UInt32 = 0
  /// Packets and frames around this one.
  var depth: UInt8 = 0

  /// Two overlays, each in IPsec-less site-to-site tunnels, mirrored by a switch: five. More is an attempt.
  static let maximumDepth: UInt8 = 8

  @inline(__always)
  init(end: Int) {
    self.end = end
  }

  /// The envelope of a frame inside one that is of the same network (Ethernet over MPLS).
  func deeper() throws(DecodeError) -> Envelope {
    guard depth < Self.maximumDepth else { throw .tooDeep }
    var inner = self
    inner.depth += 1
    return inner
  }

  /// The envelope of what the tunnel packet `outer` carries.
  func inside(_ tunnel: Tunnel, identifier: UInt32 = 0, of outer: IPPacket) throws(DecodeError) -> Envelope {
    var inner = try deeper()
    inner.end = outer.end
    inner.scope = tunnel.scope(identifier: identifier, between: outer.source, and: outer.destination, within: scope)
    return inner
  }
}

/// What an IP header says, without the octets.
struct IPPacket: BitwiseCopyable {
  var source: IPAddress
  var destination: IPAddress
  /// What starts at `payload`.
  var proto: UInt8
  /// Offsets into the frame. The end is that on the wire; the capture may end before.
  var payload: Int
  var end: Int
  /// Neither a fragment nor cut into segments later on (segmentation offload): its checksum covers it.
  var isWhole: Bool
}
