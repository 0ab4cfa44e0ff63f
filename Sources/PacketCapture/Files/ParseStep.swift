internal import PacketDecoding

/// What a parser made of the octets at hand. Parsers do no input: they are told octets and say how many they took and
/// what they need next, so that a test can feed them anything in any pieces.
struct ParseStep {
  enum Next: Equatable {
    /// As many frames as asked for were found.
    case limit
    /// So many octets, counted from the first one not consumed.
    case needs(Int)
    /// Nothing of interest in so many octets that follow.
    case skip(UInt64)
    /// An interface was declared; its frames come later.
    case interface
    case damage(String)
  }

  var consumed: Int
  var frames: Int
  var next: Next
}

/// How much a single packet may hold.
enum PacketBound {
  /// What libpcap captures by default (MAXIMUM_SNAPLEN, 256 KiB), and above it what a large segment of "BIG TCP" with
  /// its headers takes (GRO_MAX_SIZE is 8 × 65535, include/linux/netdevice.h). A longer record is damage, not a packet.
  static let largest: UInt32 = 1024 * 1024
  private static let customary: UInt32 = 256 * 1024
  private static let slack: UInt32 = 64 * 1024

  /// Wrong snapshot lengths stand in real files, small ones too; so a small one lowers nothing.
  static func octets(snapLength: UInt32) -> UInt32 {
    snapLength == 0 || snapLength > largest - slack ? largest : max(snapLength, customary) + slack
  }
}
