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
      services[service].beginClose(by: .client, to: .finWait1, side)
      peers[peer].beginClose(by: .client)
      return siblings(key)
    case .serverCloses:
      services[service].beginClose(by: .server, to: .finWait1, side)
      peers[peer].beginClose(by: .server)
      return siblings(key)
    case .clientCloseAcknowledged:
      services[service].ends.move(.client, .finWait1, .finWait2, side)
    case .serverCloseAcknowledged:
      services[service].ends.move(.server, .finWait1, .finWait2, side)
    case .clientCloseAnswered:
      services[service].finish(by: .client, from: .finWait2, .lastAck, side)
      return finishClient(key)
    case .serverCloseAnswered:
      services[service].finish(by: .server, from: .finWait2, .lastAck, side)
      return finishServer(key)
    case .clientCloseAnsweredAtOnce:
      services[service].finish(by: .client, from: .finWait1, .lastAck, side)
      return finishClient(key)
    case .serverCloseAnsweredAtOnce:
      services[service].finish(by: .server, from: .finWait1, .lastAck, side)
      return finishServer(key)
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
      services[service].beginClose(by: .client, to: .finWait2, side)
      peers[peer].beginClose(by: .client)
      return siblings(key)
    case .serverClosesAndUnseenACK:
      services[service].beginClose(by: .server, to: .finWait2, side)
      peers[peer].beginClose(by: .server)
      return siblings(key)
    case .clientCloseAnsweredAndUnseenACK:
      services[service].finish(by: .client, from: .finWait2, .closed, side)
      return finishClient(key)
    case .serverCloseAnsweredAndUnseenACK:
      services[service].finish(by: .server, from: .finWait2, .closed, side)
      return finishServer(key)
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

  /// The client's end goes into TIME_WAIT.
  @inline(__always)
  private mutating func finishClient(_ key: AccountKey) -> Int {
    timeWaitClient &+= 1
    peers[Int(key.peer)].finishClient()
    return prove(by: key)
  }

  /// The server's does.
  @inline(__always)
  private mutating func finishServer(_ key: AccountKey) -> Int {
    timeWaitServer &+= 1
    peers[Int(key.peer)].finishServer()
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

  /// - Parameter others: where the other end is then.
  @inline(__always)
  fileprivate mutating func finish(by closer: Role, from phase: Phase, _ others: Phase, _ side: LocalSide) {
    ends.move(closer, phase, .timeWait, side)
    ends.move(closer.peer, .closeWait, others, side)
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
  fileprivate mutating func finishClient() {
    open &-= 1
    timeWaitClient &+= 1
  }

  @inline(__always)
  fileprivate mutating func finishServer() {
    open &-= 1
    timeWaitServer &+= 1
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
