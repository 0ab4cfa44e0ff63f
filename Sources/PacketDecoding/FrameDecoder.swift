/// What a frame held.
package enum DecodedFrame: Sendable {
  case segment(Segment)
  case icmpError(ICMPError)
  /// A fragment other than the first: no TCP header to read.
  case laterFragment
  /// Well formed, and no TCP.
  case other
}

/// What the decoder is told by the configuration.
package struct DecoderOptions: Sendable {
  /// Look into GRE, IPIP, VXLAN, Geneve; the inner connections are keyed apart from the outer.
  package var decapsulates = true
  package var verifiesChecksums = false

  package init() {}
}

/// Reads one frame. Stateless: a value per capture source, one call per frame.
///
/// Each header is checked for its length once and then read. Offsets count from the start of the frame; what bounds a
/// packet is its `end` on the wire, taken from the IP header and not from the capture, which may hold less (snap
/// length) or more (Ethernet padding). An IP length beyond the end of the frame is believed, too: captures that were
/// cut after the fact, and mirrors that cut (ERSPAN, VPC traffic mirroring), leave it as it was sent.
///
/// Ethernet, IPv4 and TCP are inlined into `decode`; everything else is a call away, and has to be asked for by a
/// field of those headers.
package struct FrameDecoder: Sendable {
  package let linkType: LinkType
  package let options: DecoderOptions

  package init(linkType: LinkType, options: DecoderOptions = DecoderOptions()) {
    self.linkType = linkType
    self.options = options
  }

  /// - Parameters:
  ///   - frame: the captured octets.
  ///   - wireLength: the length of the frame on the wire, at least that of `frame`.
  package func decode(_ frame: RawSpan, wireLength: UInt32) throws(DecodeError) -> DecodedFrame {
    let envelope = Envelope(end: max(frame.byteCount, Int(wireLength)))
    guard linkType == .ethernet else { return try decodeOtherLinkLayer(frame, envelope) }
    return try decodeEthernet(frame, at: 0, envelope)
  }
}
