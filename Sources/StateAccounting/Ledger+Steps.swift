package import ConnectionTracking

/// What a step of the regular course moves, without comparing where the connection was with where it is.
extension Ledger {
  /// The same as `move` from where such a step begins to where it ends.
  ///
  /// - Returns: after the first FIN, how many other connections of the client to the service are open; otherwise 0. Its
  ///   complement, which is negative, where there are changes to follow.
  package mutating func take(_ step: RegularStep, _ key: AccountKey, _ side: LocalSide) -> Int {
    guard key.namespace == 0, !side.hasLocal else { return takeHere(step, key, side) }
    let (service, peer) = (Int(key.service), Int(key.peer))
    switch step {
    case .answer:
      services[service].ends.answer(to: .synReceived, side)
      return prove(by: key)
    case .acknowledgment:
      services[service].ends.acknowledge(side)
    case .clientCloses:
      return beginClose(by: .client, to: .finWait1, key, side)
    case .serverCloses:
      return beginClose(by: .server, to: .finWait1, key, side)
    case .clientCloseAcknowledged:
      services[service].ends.move(.client, .finWait1, .finWait2, side)
    case .serverCloseAcknowledged:
      services[service].ends.move(.server, .finWait1, .finWait2, side)
    case .clientCloseAnswered:
      return finish(by: .client, from: .finWait2, other: .lastAck, key, side)
    case .serverCloseAnswered:
      return finish(by: .server, from: .finWait2, other: .lastAck, key, side)
    case .clientCloseAnsweredAtOnce:
      return finish(by: .client, from: .finWait1, other: .lastAck, key, side)
    case .serverCloseAnsweredAtOnce:
      return finish(by: .server, from: .finWait1, other: .lastAck, key, side)
    case .clientCloseCompleted:
      services[service].ends.move(.server, .lastAck, .closed, side)
    case .serverCloseCompleted:
      services[service].ends.move(.client, .lastAck, .closed, side)
    case .clientLeaves:
      services[service].ends.move(.client, .timeWait, .closed, side)
      timeWaitClient &-= 1
      peers[peer].timeWaitClient &-= 1
    case .serverLeaves:
      services[service].ends.move(.server, .timeWait, .closed, side)
      timeWaitServer &-= 1
      peers[peer].timeWaitServer &-= 1
    case .answerAndUnseenACK:
      services[service].ends.answer(to: .established, side)
      return prove(by: key)
    case .clientClosesAndUnseenACK:
      return beginClose(by: .client, to: .finWait2, key, side)
    case .serverClosesAndUnseenACK:
      return beginClose(by: .server, to: .finWait2, key, side)
    case .clientCloseAnsweredAndUnseenACK:
      return finish(by: .client, from: .finWait2, other: .closed, key, side)
    case .serverCloseAnsweredAndUnseenACK:
      return finish(by: .server, from: .finWait2, other: .closed, key, side)
    }
    return 0
  }

  /// Of a connection with an end that is here, or in another namespace.
  @inline(never)
  private mutating func takeHere(_ step: RegularStep, _ key: AccountKey, _ side: LocalSide) -> Int {
    move(key, from: step.before(side), to: step.after(side))
    return withChanges(step.closes ? siblings(key) : 0)
  }

  private func withChanges(_ siblings: Int) -> Int { changes.isEmpty ? siblings : ~siblings }

  /// - Parameter phase: where the closer's end is then.
  @inline(__always)
  private mutating func beginClose(by closer: Role, to phase: Phase, _ key: AccountKey, _ side: LocalSide) -> Int {
    services[Int(key.service)].beginClose(by: closer, to: phase, side)
    peers[Int(key.peer)].beginClose(by: closer)
    return siblings(key)
  }

  /// The closer's end goes into TIME_WAIT.
  ///
  /// - Parameter other: where the other end is then.
  @inline(__always)
  private mutating func finish(
    by closer: Role,
    from phase: Phase,
    other: Phase,
    _ key: AccountKey,
    _ side: LocalSide
  ) -> Int {
    services[Int(key.service)].finish(by: closer, from: phase, other: other, side)
    peers[Int(key.peer)].finish(by: closer)
    switch closer {
    case .client: timeWaitClient &+= 1
    case .server: timeWaitServer &+= 1
    }
    return prove(by: key)
  }

  /// What proves that somebody is there: to most that is known. (Nothing is left to do after the call.)
  @inline(__always)
  private mutating func prove(by key: AccountKey) -> Int {
    servicePlaces.isProven(key.service) && peerPlaces.isProven(key.peer) ? 0 : proveFirst(key)
  }

  @inline(never)
  private mutating func proveFirst(_ key: AccountKey) -> Int {
    prove(key)
    return withChanges(0)
  }
}

extension ServiceAccount {
  @inline(__always)
  fileprivate mutating func beginClose(by closer: Role, to phase: Phase, _ side: LocalSide) {
    ends.move(closer, .established, phase, side)
    ends.move(closer.peer, .established, .closeWait, side)
    closedFirst[.none] &-= 1
    closedFirst[ClosedFirst(closer)] &+= 1
  }

  /// - Parameter other: where the other end is then.
  @inline(__always)
  fileprivate mutating func finish(by closer: Role, from phase: Phase, other: Phase, _ side: LocalSide) {
    ends.move(closer, phase, .timeWait, side)
    ends.move(closer.peer, .closeWait, other, side)
    open &-= 1
    closeKind[.none] &-= 1
    closeKind[.fin] &+= 1
    closes.note(CloseVerdict(closedFirst: ClosedFirst(closer), kind: .fin))
  }
}

extension PeerAccount {
  @inline(__always)
  fileprivate mutating func beginClose(by closer: Role) {
    post(.none, -1)
    post(ClosedFirst(closer), 1)
  }

  @inline(__always)
  fileprivate mutating func finish(by closer: Role) {
    open &-= 1
    switch closer {
    case .client: timeWaitClient &+= 1
    case .server: timeWaitServer &+= 1
    }
  }
}

extension EndCells {
  @inline(__always)
  fileprivate mutating func answer(to phase: Phase, _ side: LocalSide) {
    move(.client, .synSent, .established, side)
    move(.server, .listen, phase, side)
  }

  @inline(__always)
  fileprivate mutating func acknowledge(_ side: LocalSide) { move(.server, .synReceived, .established, side) }
}
