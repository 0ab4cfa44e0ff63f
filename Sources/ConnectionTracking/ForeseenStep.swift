internal import PacketDecoding

/// Which step of its connection's course a segment will be, as far as its flags and its sender's phase tell, and by
/// which end: each has a function of its own, to which one jump goes.
///
/// Only foreseen: that function asks for all that makes it the step.
enum ForeseenStep: UInt8, CaseIterable, BitwiseCopyable {
  /// None of these.
  case otherByFirst
  case otherBySecond
  case firstFINByFirst
  case firstFINBySecond
  case answerByFirst
  case answerBySecond
  case firstAcknowledgmentByFirst
  case firstAcknowledgmentBySecond
  case acknowledgmentByFirst
  case acknowledgmentBySecond
  case secondFINByFirst
  case secondFINBySecond
  case lastAcknowledgmentByFirst
  case lastAcknowledgmentBySecond
  // Never foreseen: so that each of sixteen codes is a case.
  case spareByFirst
  case spareBySecond

  /// Of a segment of this connection. No branch depends on which step it is, for of segments of many connections the one
  /// tells nothing about the next.
  @inline(__always)
  init(_ arrival: inout Arrival, from sender: End, _ flow: inout Flow) {
    let isPlain = arrival.segment.mayMoveOn && arrival.segment.payloadLength == 0
    let place = Self.place(flow.copy(of: sender).phase, arrival.segment.flags.rawValue)
    // An ACK that may be taken quietly is no step.
    let mask: UInt64 = flow.quiet.allowNone ? 7 : 1
    let step = (isPlain ? Self.steps : 0) &>> place & mask
    let code = UInt8(truncatingIfNeeded: step) << 1 | (sender == .second ? 1 : 0)
    // As many cases as three bits and the sender come to: each code is one of them.
    self = unsafe unsafeBitCast(code, to: ForeseenStep.self)
  }

  /// Half of the case by the first end for each phase of the sender, four bits apart: those of a FIN four phases
  /// further on, those of a SYN eight. (Some share their place with what hardly ever comes.)
  private static var steps: UInt64 {
    @inline(__always) get {
      let closes = 1 &<< place(.established, fin) | 5 &<< place(.closeWait, fin)
      let acknowledges = 4 &<< place(.established, 0) | 3 &<< place(.closeWait, 0) | 6 &<< place(.timeWait, 0)
      return closes | acknowledges | 2 &<< place(.listen, syn)
    }
  }

  // (Constants of another module would be made when they are first asked for.)
  private static var fin: UInt8 { 1 }
  private static var syn: UInt8 { 2 }

  @inline(__always)
  private static func place(_ phase: Phase, _ flags: UInt8) -> UInt64 {
    unsafe UInt64(unsafeBitCast(phase, to: UInt8.self) &+ (flags & (fin | syn)) &<< 2) &<< 2
  }
}
