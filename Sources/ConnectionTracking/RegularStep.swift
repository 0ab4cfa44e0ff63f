/// A step of the course that nearly all connections take, named by whose FIN was the first: with this and the side that
/// is here all is said of where the connection was before and is now, and whoever counts that need not compare the two.
package enum RegularStep: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// The SYN-ACK.
  case answer
  /// The ACK of the handshake.
  case acknowledgment
  /// The first FIN.
  case clientCloses
  case serverCloses
  /// The ACK of it.
  case clientCloseAcknowledged
  case serverCloseAcknowledged
  /// The other's FIN.
  case clientCloseAnswered
  case serverCloseAnswered
  /// The other's FIN, which acknowledges the first.
  case clientCloseAnsweredAtOnce
  case serverCloseAnsweredAtOnce
  /// The last ACK.
  case clientCloseCompleted
  case serverCloseCompleted
  /// The end of TIME_WAIT.
  case clientLeaves
  case serverLeaves
  // Where ACKs go unseen, and are taken to have come.
  /// The SYN-ACK, and the ACK of the handshake.
  case answerAndUnseenACK
  /// The first FIN, and the ACK of it.
  case clientClosesAndUnseenACK
  case serverClosesAndUnseenACK
  /// The other's FIN, and the last ACK.
  case clientCloseAnsweredAndUnseenACK
  case serverCloseAnsweredAndUnseenACK

  @inline(__always)
  static func firstFIN(of closer: Role) -> RegularStep { closer == .client ? .clientCloses : .serverCloses }

  @inline(__always)
  static func firstAcknowledgment(to closer: Role) -> RegularStep {
    closer == .client ? .clientCloseAcknowledged : .serverCloseAcknowledged
  }

  /// - Parameter atOnce: the first FIN had not been acknowledged before.
  @inline(__always)
  static func secondFIN(to closer: Role, atOnce: Bool) -> RegularStep {
    if atOnce { return closer == .client ? .clientCloseAnsweredAtOnce : .serverCloseAnsweredAtOnce }
    return closer == .client ? .clientCloseAnswered : .serverCloseAnswered
  }

  @inline(__always)
  static func lastAcknowledgment(by closer: Role) -> RegularStep {
    closer == .client ? .clientCloseCompleted : .serverCloseCompleted
  }

  @inline(__always)
  static func endOfTimeWait(of closer: Role) -> RegularStep { closer == .client ? .clientLeaves : .serverLeaves }

  /// The same with the ACK of it; nil for what nothing of the kind follows.
  @inline(__always)
  var withUnseenACK: RegularStep? {
    switch self {
    case .answer: .answerAndUnseenACK
    case .clientCloses: .clientClosesAndUnseenACK
    case .serverCloses: .serverClosesAndUnseenACK
    case .clientCloseAnswered: .clientCloseAnsweredAndUnseenACK
    case .serverCloseAnswered: .serverCloseAnsweredAndUnseenACK
    default: nil
    }
  }
}

extension RegularStep {
  /// The first FIN.
  @inlinable @inline(__always)
  package var closes: Bool {
    switch self {
    case .clientCloses, .serverCloses, .clientClosesAndUnseenACK, .serverClosesAndUnseenACK: true
    default: false
    }
  }

  package func before(_ side: LocalSide) -> Standing {
    switch self {
    case .answer, .answerAndUnseenACK: .unanswered(side)
    case .acknowledgment: .open(.established, .synReceived, side)
    case .clientCloses, .serverCloses, .clientClosesAndUnseenACK, .serverClosesAndUnseenACK:
      .open(.established, .established, side)
    case .clientCloseAcknowledged, .clientCloseAnsweredAtOnce: .closing(.client, .finWait1, .closeWait, .none, side)
    case .serverCloseAcknowledged, .serverCloseAnsweredAtOnce: .closing(.server, .finWait1, .closeWait, .none, side)
    case .clientCloseAnswered, .clientCloseAnsweredAndUnseenACK:
      .closing(.client, .finWait2, .closeWait, .none, side)
    case .serverCloseAnswered, .serverCloseAnsweredAndUnseenACK:
      .closing(.server, .finWait2, .closeWait, .none, side)
    case .clientCloseCompleted: .closing(.client, .timeWait, .lastAck, .fin, side)
    case .serverCloseCompleted: .closing(.server, .timeWait, .lastAck, .fin, side)
    case .clientLeaves: .closing(.client, .timeWait, .closed, .fin, side)
    case .serverLeaves: .closing(.server, .timeWait, .closed, .fin, side)
    }
  }

  package func after(_ side: LocalSide) -> Standing {
    switch self {
    case .answer: .open(.established, .synReceived, side)
    case .acknowledgment, .answerAndUnseenACK: .open(.established, .established, side)
    case .clientCloses: .closing(.client, .finWait1, .closeWait, .none, side)
    case .serverCloses: .closing(.server, .finWait1, .closeWait, .none, side)
    case .clientCloseAcknowledged, .clientClosesAndUnseenACK: .closing(.client, .finWait2, .closeWait, .none, side)
    case .serverCloseAcknowledged, .serverClosesAndUnseenACK: .closing(.server, .finWait2, .closeWait, .none, side)
    case .clientCloseAnswered, .clientCloseAnsweredAtOnce: .closing(.client, .timeWait, .lastAck, .fin, side)
    case .serverCloseAnswered, .serverCloseAnsweredAtOnce: .closing(.server, .timeWait, .lastAck, .fin, side)
    case .clientCloseCompleted, .clientCloseAnsweredAndUnseenACK: .closing(.client, .timeWait, .closed, .fin, side)
    case .serverCloseCompleted, .serverCloseAnsweredAndUnseenACK: .closing(.server, .timeWait, .closed, .fin, side)
    case .clientLeaves: .closing(.client, .closed, .closed, .fin, side)
    case .serverLeaves: .closing(.server, .closed, .closed, .fin, side)
    }
  }
}

extension Standing {
  fileprivate static func open(_ client: Phase, _ server: Phase, _ side: LocalSide) -> Standing {
    Standing(clientPhase: client, serverPhase: server, closedFirst: .none, closeKind: .none, localSide: side)
  }

  /// - Parameters:
  ///   - own: the state of the end that closed first.
  ///   - others: that of the other.
  fileprivate static func closing(
    _ closer: Role,
    _ own: Phase,
    _ others: Phase,
    _ kind: CloseKind,
    _ side: LocalSide
  ) -> Standing {
    Standing(
      clientPhase: closer == .client ? own : others,
      serverPhase: closer == .client ? others : own,
      closedFirst: ClosedFirst(closer),
      closeKind: kind,
      localSide: side
    )
  }
}
