/// What a frame held.
package enum DecodedFrame: Sendable {
  case segment(Segment)
  case icmpError(ICMPError)
  /// A fragment other than the first: no TCP header to read.
  case laterFragment
  /// Well formed, and no TCP.
  case other
}

/// What a frame held, when the segment itself goes to a place of the caller's. Fits in registers.
package enum FrameContent: Sendable, BitwiseCopyable {
  case segment
  /// The ends, the sequence number and the scope of the quoted segment stand in the caller's; the rest of it is as it
  /// was.
  case icmpError(ICMPError.Kind, reporter: IPAddress)
  case laterFragment
  case other

  /// Whether the caller's segment says whose it is.
  package var hasEnds: Bool {
    switch self {
    case .segment, .icmpError: true
    case .laterFragment, .other: false
    }
  }
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
/// Usual frames are told first, and TCP right after a plain IPv6 header right after an Ethernet header is inlined into
/// `decode`; everything else is a call away, and reads those headers again.
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
    var segment = Segment.blank
    switch try decode(frame, wireLength: wireLength, into: &segment) {
    case .segment: return .segment(segment)
    case .icmpError(let kind, let reporter): return .icmpError(ICMPError(kind, from: reporter, quoting: segment))
    case .laterFragment: return .laterFragment
    case .other: return .other
    }
  }

  /// The same for a caller with many frames: the segment is written where it is wanted, and not copied. Nothing is
  /// written unless the content is a segment or an ICMP error.
  package func decode(
    _ frame: RawSpan,
    wireLength: UInt32,
    into segment: inout Segment
  ) throws(DecodeError) -> FrameContent {
    if decodesUsual {
      switch segment.decodeUsual(frame, at: 0, count: frame.byteCount) {
      case .no: break
      case .yes: return .segment
      case .withOptions:
        segment.readOptions(frame)
        return .segment
      }
    }
    let envelope = Envelope(end: max(frame.byteCount, Int(wireLength)))
    guard linkType == .ethernet else { return try decodeOtherLinkLayer(frame, envelope, into: &segment) }
    return try decodeEthernet(frame, at: 0, envelope, into: &segment)
  }
}

extension Segment {
  /// Something to decode into.
  package static var blank: Segment {
    let nobody = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
    return Segment(source: nobody, destination: nobody, sequence: SequenceNumber(0), flags: TCPFlags(rawValue: 0))
  }
}

extension ICMPError {
  fileprivate init(_ kind: Kind, from reporter: IPAddress, quoting segment: Segment) {
    self.init(
      kind: kind,
      reporter: reporter,
      source: segment.source,
      destination: segment.destination,
      sequence: segment.sequence,
      scope: segment.scope
    )
  }
}
