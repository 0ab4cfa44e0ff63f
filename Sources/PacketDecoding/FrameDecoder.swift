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
    throw .unsupportedLinkType(linkType.rawValue)
  }
}

/// A link-layer header type, by its LINKTYPE_ number (the one of files; libpcap's DLT_ differs for raw IP).
package struct LinkType: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  package static let null = LinkType(rawValue: 0)
  package static let ethernet = LinkType(rawValue: 1)
  package static let raw = LinkType(rawValue: 101)
  package static let loop = LinkType(rawValue: 108)
  package static let linuxCooked = LinkType(rawValue: 113)
  package static let ipv4 = LinkType(rawValue: 228)
  package static let ipv6 = LinkType(rawValue: 229)
  package static let linuxCooked2 = LinkType(rawValue: 276)
}
