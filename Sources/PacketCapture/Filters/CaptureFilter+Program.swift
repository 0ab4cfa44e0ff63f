internal import PacketDecoding

extension CaptureFilter {
  /// The program for one link type.
  /// - Returns: nil when no program is written for it.
  func program(for linkType: LinkType) -> [BPFInstruction]? {
    guard let layout = LinkLayout(linkType) else { return nil }
    var writer = FilterWriter(filter: self, base: layout.headerLength)
    // The assembler refuses only what is wrong for all packets; tests write every program there is.
    return try? writer.write(layout)
  }
}

/// Where a link layer says what it carries.
struct LinkLayout {
  /// Octets before the network header.
  let headerLength: UInt32
  /// Where the EtherType stands; nil when the packet itself tells by its version.
  let typeOffset: UInt32?

  init?(_ linkType: LinkType) {
    switch linkType {
    case .ethernet: (headerLength, typeOffset) = (14, 12)
    case .linuxCooked: (headerLength, typeOffset) = (16, 14)
    case .linuxCooked2: (headerLength, typeOffset) = (20, 0)
    case .raw, .ipv4, .ipv6: (headerLength, typeOffset) = (0, nil)
    // The address family before the packet differs between systems and in byte order; the version does not.
    case .null, .loop: (headerLength, typeOffset) = (4, nil)
    default: return nil
    }
  }
}
