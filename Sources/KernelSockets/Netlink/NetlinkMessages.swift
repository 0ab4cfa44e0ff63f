/// Walks a netlink datagram and its attributes. Lengths come from outside and are not trusted: a walk ends at the first
/// one that does not fit (struct nlmsghdr and nlattr, include/uapi/linux/netlink.h).
enum NetlinkMessages {
  static let headerLength = 16
  private static let attributeHeaderLength = 4

  struct Header: Equatable {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
  }

  /// - Parameter body: gets each message without its header, and says whether to go on.
  /// - Returns: false when the datagram does not consist of whole messages.
  static func forEach(in datagram: RawSpan, _ body: (Header, RawSpan) -> Bool) -> Bool {
    var at = 0
    while at < datagram.byteCount {
      guard let length = datagram.u32(at: at), let type = datagram.u16(at: at + 4),
        let flags = datagram.u16(at: at + 6), let sequence = datagram.u32(at: at + 8),
        length >= headerLength, Int(length) <= datagram.byteCount - at
      else { return false }
      let message = datagram.extracting(at + headerLength..<at + Int(length))
      guard body(Header(type: type, flags: flags, sequence: sequence), message) else { return true }
      at += aligned(Int(length))
    }
    return true
  }

  /// - Parameters:
  ///   - offset: where the attributes begin, behind the fixed part of the message.
  ///   - body: gets the type, without the flags in its upper bits, and the value.
  static func forEachAttribute(of message: RawSpan, from offset: Int, _ body: (UInt16, RawSpan) -> Void) {
    var at = aligned(offset)
    while let length = message.u16(at: at), let type = message.u16(at: at + 2),
      length >= attributeHeaderLength, Int(length) <= message.byteCount - at
    {
      body(type & 0x3fff, message.extracting(at + attributeHeaderLength..<at + Int(length)))
      at += aligned(Int(length))
    }
  }

  private static func aligned(_ length: Int) -> Int { (length + 3) & ~3 }
}
