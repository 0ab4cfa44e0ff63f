/// What happens to a handshake that does not go through at once.
package enum HandshakeEvent: Sendable, BitwiseCopyable {
  /// The client sent its SYN again.
  case synRepeated
  /// The server sent its SYN-ACK again. After the handshake's ACK it has not taken that: its queue of connections that
  /// wait for accept(2) is full, or the ACK was lost beyond the place of capture.
  case synACKRepeated(afterACK: Bool)
  /// The first SYN-ACK came when the SYN had been repeated.
  case answeredLate
  /// An ICMP error quotes the SYN.
  case unreachable
}
