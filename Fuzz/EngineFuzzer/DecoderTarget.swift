import FuzzDriver
import PacketDecoding

/// A frame of any link type: what is decoded lies inside the frame, and decoding it again gives the same.
enum DecoderTarget {
  private static let linkTypes: [LinkType] = [
    .ethernet, .null, .ppp, .pppHDLC, .raw, .ciscoHDLC, .loop, .linuxCooked, .ipv4, .ipv6, .linuxCooked2,
    LinkType(rawValue: 12), LinkType(rawValue: 14), LinkType(rawValue: 4242),
  ]

  static func run(_ octets: RawSpan) {
    var input = FuzzInput(octets)
    let linkType = linkTypes[input.below(linkTypes.count)]
    let choice = input.octet()
    var options = DecoderOptions()
    options.decapsulates = choice & 1 == 0
    options.verifiesChecksums = choice & 2 != 0
    // Frames are often cut, and at times the record lies.
    let extra = choice & 4 == 0 ? 0 : UInt32(input.word())
    let frame = octets.extracting(input.rest())
    let wireLength = UInt32(frame.byteCount) + extra
    let decoder = FrameDecoder(linkType: linkType, options: options)
    var segment = Segment.blank
    var again = Segment.blank
    do {
      let content = try decoder.decode(frame, wireLength: wireLength, into: &segment)
      let second = try decoder.decode(frame, wireLength: wireLength, into: &again)
      promise(kind(of: content) == kind(of: second), "the same frame decodes alike")
      guard case .segment = content else { return }
      promise(Int(segment.payloadOffset) <= frame.byteCount + 60, "the payload begins in the frame, or right behind it")
      promise(segment.options.windowScale <= 14, "shifts are at most 14")
    } catch {
      promise(error.description.utf8.count < 200, "an error is one clear line")
    }
  }

  private static func kind(of content: FrameContent) -> Int {
    switch content {
    case .segment: 0
    case .icmpError(let kind, _): 1 + Int(kind.rawValue)
    case .laterFragment: 100
    case .other: 101
    }
  }
}
