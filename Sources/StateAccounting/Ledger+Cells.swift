internal import ConnectionTracking

extension ServiceAccount {
  /// A connection is new.
  @inline(__always)
  mutating func open(_ standing: Standing) {
    connections &+= 1
    post(standing, 1)
  }

  /// The same after a SYN.
  @inline(__always)
  mutating func openUnanswered(_ side: LocalSide) {
    connections &+= 1
    open &+= 1
    closedFirst[.none] &+= 1
    closeKind[.none] &+= 1
    ends.post(.unanswered(side), 1)
  }

  /// The same, as another such connection runs out: both stand in the same cells.
  @inline(__always)
  mutating func openUnanswered(inPlaceOf standing: Standing, count: Int = 1) {
    connections &+= count
    closedFirst[.none] &+= count
    closeKind[.expired] &+= count
    ends.post(standing.ranOut, Int32(truncatingIfNeeded: count))
    noteClose(standing.ranOut, count: count)
  }

  /// Adds `amount` to every cell that `standing` belongs to.
  @inline(__always)
  mutating func post(_ standing: Standing, _ amount: Int) {
    open &+= standing.countsAsOpen &* amount
    closedFirst[standing.closedFirst] &+= amount
    closeKind[standing.closeKind] &+= amount
    ends.post(standing, Int32(truncatingIfNeeded: amount))
  }

  /// Takes one off the cells of who closed and how, and puts it on others. (Without a question where one of them is the
  /// same: that would cost more.)
  @inline(__always)
  mutating func moveClose(_ from: Standing, _ to: Standing) {
    open &+= to.countsAsOpen &- from.countsAsOpen
    closeKind[from.closeKind] &-= 1
    closeKind[to.closeKind] &+= 1
    closedFirst[from.closedFirst] &-= 1
    closedFirst[to.closedFirst] &+= 1
    if from.closeKind == .none, to.closeKind != .none { noteClose(to) }
  }

  @inline(__always)
  mutating func noteClose(_ standing: Standing, count: Int = 1) {
    closes.note(CloseVerdict(closedFirst: standing.closedFirst, kind: standing.closeKind), count: count)
  }

  /// Moves one that is open and in no TIME_WAIT to those that ran out.
  @inline(__always)
  mutating func runOut(_ standing: Standing) {
    let after = standing.ranOut
    ends.move(standing, after)
    open &-= 1
    closeKind[.none] &-= 1
    closeKind[.expired] &+= 1
    noteClose(after)
  }

  /// Adds the figures that the whole has, too.
  mutating func add(_ other: borrowing ServiceAccount) {
    connections += other.connections
    open += other.open
    closedFirst.add(other.closedFirst)
    closeKind.add(other.closeKind)
    ends.add(other.ends)
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

  /// A copy with the ends that it has now.
  var read: ServiceAccount {
    var copy = self
    ends.add(to: &copy)
    return copy
  }

  /// Connections may still refer to it.
  var isLive: Bool { open > 0 || !ends.isEmpty }

  /// Of those that have or had connections.
  var rank: Rank? { connections > 0 || opened > 0 ? Rank(ends.count(.timeWait), connections) : nil }
}

extension PeerAccount {
  /// A connection is new.
  @inline(__always)
  mutating func open(_ standing: Standing, port: UInt16) {
    connections &+= 1
    note(port: port)
    post(standing, 1)
  }

  /// The same after a SYN, of a connection that has no end here.
  @inline(__always)
  mutating func openUnanswered(port: UInt16) {
    countOpening(port: port)
    open &+= 1
  }

  /// What of that stays when it has run out.
  @inline(__always)
  mutating func countOpening(port: UInt16) {
    note(port: port)
    countOpenings(1)
  }

  /// The same of some, but for their ports.
  @inline(__always)
  mutating func countOpenings(_ count: Int) {
    connections &+= count
    post(.none, count)
  }

  @inline(__always)
  mutating func post(_ standing: Standing, _ amount: Int) {
    open &+= standing.countsAsOpen &* amount
    post(standing.closedFirst, amount)
    if standing.isKnownFromTable {
      moveTimeWait(client: standing.holdsTimeWait(.client) &* amount, server: standing.holdsTimeWait(.server) &* amount)
    }
    if standing.localSide.hasLocal { postPort(standing, amount) }
  }

  @inline(__always)
  private mutating func postPort(_ standing: Standing, _ amount: Int) {
    guard standing.holdsLocalPort else { return }
    if standing.clientPhase == .timeWait { localTimeWait += amount } else { localHeld += amount }
  }

  /// Of a connection that has an end here, before or after.
  mutating func movePort(_ from: Standing, _ to: Standing) {
    postPort(from, -1)
    postPort(to, 1)
    guard to.localSide.locality(of: .client) == .local else { return }
    if from.clientPhase != .timeWait, to.clientPhase == .timeWait { localCloses += 1 }
    guard from.closeKind == .none else { return }
    if to.closeKind == .refused { refused += 1 }
    if to.closeKind == .expired, from.clientPhase == .synSent { unanswered += 1 }
  }

  @inline(__always)
  mutating func moveTimeWait(client: Int, server: Int) {
    timeWaitClient &+= client
    timeWaitServer &+= server
  }

  @inline(__always)
  mutating func moveClose(_ from: Standing, _ to: Standing) {
    open &+= to.countsAsOpen &- from.countsAsOpen
    post(from.closedFirst, -1)
    post(to.closedFirst, 1)
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

extension Standing {
  /// Whether nothing but the states of ends is counted otherwise than before, neither in TIME_WAIT nor of ports.
  @inline(__always)
  func movesEndsAlone(_ next: Standing) -> Bool {
    differsInPhasesAlone(from: next) && !movesTimeWait(next)
      && (!localSide.hasLocal || holdsLocalPort == next.holdsLocalPort)
  }

  /// The same, of a connection that has no end here: nothing else is counted.
  @inline(__always)
  func movesCellsAlone(_ next: Standing) -> Bool {
    differsInPhasesAlone(from: next) && !localSide.hasLocal && !movesTimeWait(next)
  }

  /// An end enters TIME_WAIT, or leaves it.
  @inline(__always)
  func movesTimeWait(_ next: Standing) -> Bool { outsideTimeWait != next.outsideTimeWait }

  /// 1 where the end of `role` is in TIME_WAIT, and 0 where it is not.
  @inline(__always)
  func holdsTimeWait(_ role: Role) -> Int { (role == .client ? clientPhase : serverPhase) == .timeWait ? 1 : 0 }

  /// The top bit of the octet of each end that is not in TIME_WAIT.
  @inline(__always)
  private var outsideTimeWait: UInt32 {
    let phases = UInt32(truncatingIfNeeded: word) & 0xFFFF
    return ((phases ^ UInt32(Phase.timeWait.rawValue) &* 0x0101) &+ 0x7F7F) & 0x8080
  }

  /// Nothing but a SYN was seen.
  @inline(__always)
  var isUnanswered: Bool { self == .unanswered(localSide) }

  @inline(__always)
  var countsAsOpen: Int { closeKind == .none ? 1 : 0 }

  /// The client's socket is here, and takes up its port.
  @inline(__always)
  var holdsLocalPort: Bool {
    clientPhase != .closed && clientPhase != .listen && localSide.locality(of: .client) == .local
  }
}
