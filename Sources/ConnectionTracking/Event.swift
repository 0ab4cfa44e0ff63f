/// What a segment means to a connection's states: flags are reduced to this closed set first, then states move.
package enum Event: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// SYN without ACK.
  case syn
  /// SYN with ACK.
  case synAck
  /// An ACK that covers the receiver's SYN.
  case synAcknowledged
  /// An ACK that covers the receiver's FIN.
  case finAcknowledged
  /// A FIN whose sender had, or may have had, the peer's FIN if there is one.
  case fin
  /// A FIN that does not acknowledge the peer's: the two crossed (RFC 9293, 3.6, figure 13).
  case finCrossing
  /// A FIN that the peer's, seen before it, acknowledges: it was sent first.
  case finOvertaken
  /// An RST that the receiver accepts.
  case rst
}

/// Which part an end has in an event.
package enum Part: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case sent
  case received
}
