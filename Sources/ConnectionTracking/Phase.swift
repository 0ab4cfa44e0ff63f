/// The state of one end of a connection (RFC 9293, 3.3.2), as far as an observer can tell.
@usableFromInline
package enum Phase: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case closed
  case listen
  case synSent
  case synReceived
  case established
  case finWait1
  case finWait2
  case closeWait
  case closing
  case lastAck
  case timeWait
}
