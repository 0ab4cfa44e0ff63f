internal import PacketDecoding

/// How nearly all connections begin.
extension Flow {
  /// The first segment of a connection is a SYN that nothing is odd about.
  @inline(__always)
  static func mayOpenPlainly(_ segment: Segment) -> Bool {
    segment.flags.isBareSYN && segment.payloadLength == 0 && segment.window != 0 && segment.checksum != .bad
  }
}
