internal import ConnectionTracking

extension ServiceAccount {
  /// Adds `amount` to every cell that `standing` belongs to.
  mutating func post(_ standing: Standing, _ amount: Int) {
    if standing.closeKind == .none { open += amount }
    closedFirst[standing.closedFirst] += amount
    closeKind[standing.closeKind] += amount
    postClient(standing, amount)
    postServer(standing, amount)
  }

  /// Takes one off the cells of `from` and puts it on those of `to`, where they differ: mostly one state does.
  @inline(__always)
  mutating func move(_ from: Standing, _ to: Standing) {
    if from.closeKind != to.closeKind {
      open += (to.closeKind == .none ? 1 : 0) - (from.closeKind == .none ? 1 : 0)
      closeKind[from.closeKind] -= 1
      closeKind[to.closeKind] += 1
    }
    if from.closedFirst != to.closedFirst {
      closedFirst[from.closedFirst] -= 1
      closedFirst[to.closedFirst] += 1
    }
    guard from.localSide == .unknown, to.localSide == .unknown else { return moveEnds(from, to) }
    if from.clientPhase != to.clientPhase { client.move(from.clientPhase, to.clientPhase) }
    if from.serverPhase != to.serverPhase { server.move(from.serverPhase, to.serverPhase) }
  }

  @inline(never)
  private mutating func moveEnds(_ from: Standing, _ to: Standing) {
    let isElsewhere = from.localSide != to.localSide
    if isElsewhere || from.clientPhase != to.clientPhase {
      postClient(from, -1)
      postClient(to, 1)
    }
    if isElsewhere || from.serverPhase != to.serverPhase {
      postServer(from, -1)
      postServer(to, 1)
    }
  }

  @inline(__always)
  private mutating func postClient(_ standing: Standing, _ amount: Int) {
    guard standing.clientPhase != .closed else { return }
    client[standing.clientPhase] += amount
    post(standing.clientPhase, at: standing.localSide.locality(of: .client), amount)
  }

  @inline(__always)
  private mutating func postServer(_ standing: Standing, _ amount: Int) {
    guard standing.serverPhase != .closed else { return }
    server[standing.serverPhase] += amount
    post(standing.serverPhase, at: standing.localSide.locality(of: .server), amount)
  }

  @inline(__always)
  private mutating func post(_ phase: Phase, at locality: Locality?, _ amount: Int) {
    switch locality {
    case .local: local[phase] += amount
    case .remote: remote[phase] += amount
    case .transit: transit[phase] += amount
    case nil: break
    }
  }

  /// Adds the figures that the whole has, too.
  mutating func add(_ other: borrowing ServiceAccount) {
    connections += other.connections
    open += other.open
    closedFirst.add(other.closedFirst)
    closeKind.add(other.closeKind)
    client.add(other.client)
    server.add(other.server)
    local.add(other.local)
    remote.add(other.remote)
    transit.add(other.transit)
    handshakes.add(other.handshakes)
  }

  /// Takes out what is over. What is open stays, and so do all states.
  mutating func takePast() -> ServiceAccount {
    var past = ServiceAccount(service: service, locality: locality)
    past.connections = connections - open
    past.takenOver = takenOver - open
    past.closedFirst = closedFirst
    past.closedFirst[.none] -= open
    past.closeKind = closeKind
    past.closeKind[.none] -= open
    past.closes = closes
    past.histograms = histograms
    past.handshakes = handshakes
    (connections, takenOver) = (open, open)
    (closedFirst, closeKind) = (Counts(), Counts())
    closedFirst[.none] = open
    closeKind[.none] = open
    closes = CloseCounts()
    histograms = ServiceHistograms()
    handshakes = HandshakeCounts()
    return past
  }

  /// Adds what another's past comes to.
  mutating func addPast(_ past: ServiceAccount) {
    add(past)
    takenOver += past.takenOver
    closes.add(past.closes)
    histograms.addBounded(past.histograms)
  }

  /// Connections may still refer to it.
  var isLive: Bool { open > 0 || client.total + server.total > 0 }

  /// Of those that have or had connections.
  var rank: Rank? { connections > 0 || opened > 0 ? Rank(client[.timeWait] + server[.timeWait], connections) : nil }
}

extension PeerAccount {
  /// A connection is new.
  @inline(__always)
  mutating func open(_ standing: Standing, port: UInt16) {
    connections += 1
    note(port: port)
    post(standing, 1)
  }

  mutating func post(_ standing: Standing, _ amount: Int) {
    if standing.closeKind == .none { open += amount }
    post(standing.closedFirst, amount)
    if standing.clientPhase == .timeWait { timeWaitClient += amount }
    if standing.serverPhase == .timeWait { timeWaitServer += amount }
    postPort(standing, amount)
  }

  private mutating func postPort(_ standing: Standing, _ amount: Int) {
    guard standing.holdsLocalPort else { return }
    if standing.clientPhase == .timeWait { localTimeWait += amount } else { localHeld += amount }
  }

  private mutating func movePort(_ from: Standing, _ to: Standing) {
    postPort(from, -1)
    postPort(to, 1)
    guard to.localSide.locality(of: .client) == .local else { return }
    if from.clientPhase != .timeWait, to.clientPhase == .timeWait { localCloses += 1 }
    guard from.closeKind == .none else { return }
    if to.closeKind == .refused { refused += 1 }
    if to.closeKind == .expired, from.clientPhase == .synSent { unanswered += 1 }
  }

  @inline(__always)
  mutating func move(_ from: Standing, _ to: Standing) {
    if from.closeKind != to.closeKind { open += (to.closeKind == .none ? 1 : 0) - (from.closeKind == .none ? 1 : 0) }
    if from.closedFirst != to.closedFirst {
      post(from.closedFirst, -1)
      post(to.closedFirst, 1)
    }
    if from.localSide.hasLocal || to.localSide.hasLocal { movePort(from, to) }
    timeWaitClient += (to.clientPhase == .timeWait ? 1 : 0) - (from.clientPhase == .timeWait ? 1 : 0)
    timeWaitServer += (to.serverPhase == .timeWait ? 1 : 0) - (from.serverPhase == .timeWait ? 1 : 0)
  }

  var rank: Rank? { connections > 0 ? Rank(timeWaitClient + timeWaitServer, connections) : nil }

  /// Connections may still refer to it.
  var isLive: Bool { open > 0 || timeWaitClient + timeWaitServer + localHeld > 0 }

  /// A connection was another's, and is now this one's, or the other way round.
  mutating func hand(_ standing: Standing, _ amount: Int) {
    connections += amount
    post(standing, amount)
  }

  /// Adds what another's past comes to.
  mutating func addPast(_ past: PeerAccount) {
    connections += past.connections
    for closer in ClosedFirst.allCases { post(closer, past.closedFirst[closer]) }
  }
}

extension PhaseCounts {
  /// An end goes from one state to another; those that closed are not counted.
  @inline(__always)
  fileprivate mutating func move(_ from: Phase, _ to: Phase) {
    if from != .closed { self[from] -= 1 }
    if to != .closed { self[to] += 1 }
  }
}

extension Standing {
  /// The client's socket is here, and takes up its port.
  var holdsLocalPort: Bool {
    clientPhase != .closed && clientPhase != .listen && localSide.locality(of: .client) == .local
  }
}
