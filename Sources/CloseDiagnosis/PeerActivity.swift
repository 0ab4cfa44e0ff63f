internal import PacketDecoding

/// What a client does at a service. No longer than a cache line.
package struct PeerActivity: Sendable, BitwiseCopyable {
  /// Connections that it closed at once after use, or without, while it had others; and those after which it went on.
  var discards = 0
  var unused = 0
  var confirmedDiscards = 0
  var lastOpening: Instant?
  var lastClose: Instant?
}
