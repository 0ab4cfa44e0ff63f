package import ConnectionTracking
package import PacketDecoding

/// The books: each change of a connection is one taken off a cell and one put on another, in one function, so that
/// totals cannot drift from what is in the table.
package struct Ledger: ~Copyable, Sendable {
  /// Ends in TIME_WAIT of the whole, whose other figures are the sums of the services'.
  var timeWaitClient = 0
  var timeWaitServer = 0
  var services = NumberedMemory<ServiceAccount>()
  let hasher = EndpointHasher()
  var serviceNumbers = NumberIndex()
  var servicePlaces: AccountPlaces
  var recentServices = RecentServices()
  var expectedAccounts = ExpectedAccounts()
  /// Read by who asks for memory ahead: a call would cost more.
  package internal(set) var peers = NumberedMemory<PeerAccount>()
  var peerNumbers = NumberIndex()
  var peerPlaces: AccountPlaces
  private var owners = OwnerAccounts()
  /// Local ends by number of the network namespace; those of the daemon's own, 0, are not counted here.
  private var namespaces: [PhaseCounts] = []
  private var peakTimeWaitClient = 0
  private var peakTimeWaitServer = 0
  var portHistories: [UInt32: PortHistory] = [:]
  /// Some connection had an end that is here: without one there is nothing to look for in all accounts.
  private(set) var knowsLocalPorts = false
  let limits: Limits
  /// How many services have a label, and how many of them never answered.
  var labelled = 0
  var unprovenLabelled = 0
  /// What accounts that were given back had counted: of services by locality.
  var past: [ServiceAccount] = []
  package internal(set) var pastOfPeers: PeerAccount
  /// What others who keep things by number have to follow; they take it away.
  package var changes: [AccountChange] = []
  /// Counted while accounts are given back.
  var second: UInt32 = 0
  var nextLookAtServices = 1
  var nextLookAtPeers = 1

  /// How many services and peers are told apart; the rest share the account of number 0.
  package struct Limits: Sendable {
    package var services = 4096
    package var peers = 16384
    /// So many services have a label of their own in metrics, and of those that never answered so many.
    package var labels = 200
    package var unprovenLabels = 50

    package init() {}
  }

  private static let listedPeers = 100

  package init(limits: Limits = Limits()) {
    self.limits = limits
    servicePlaces = AccountPlaces(limit: limits.services)
    peerPlaces = AccountPlaces(limit: limits.peers)
    let nobody = PeerAccount(address: Self.other.address, service: Self.other)
    pastOfPeers = nobody
    services.append(ServiceAccount(service: Self.other))
    peers.append(nobody)
  }

  static let other = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)

  // MARK: Events

  package mutating func open(
    client: Endpoint,
    server: Endpoint,
    namespace: UInt8 = 0,
    _ standing: Standing
  ) -> AccountKey {
    guard standing.isUnanswered, namespace == 0 else { return openOther(client, server, namespace, standing) }
    return request(client, server, standing.localSide)
  }

  /// The same of one between IPv4 addresses of which nothing but a SYN was seen, in the daemon's own namespace.
  package mutating func request(_ ends: RequestEnds, _ side: LocalSide) -> AccountKey {
    request(ends.client, ends.server, side)
  }

  @inline(__always)
  private mutating func request(_ client: Endpoint, _ server: Endpoint, _ side: LocalSide) -> AccountKey {
    guard !side.hasLocal else { return openOther(client, server, 0, .unanswered(side)) }
    let key = expected(client.address, server) ?? requestedAccounts(client.address, server, side)
    services[Int(key.service)].openUnanswered(side)
    peers[Int(key.peer)].openUnanswered(port: client.port)
    return key
  }

  @inline(never)
  private mutating func requestedAccounts(_ client: IPAddress, _ server: Endpoint, _ side: LocalSide) -> AccountKey {
    let service = number(of: server, side, isProven: false)
    return AccountKey(
      service: service,
      peer: peerNumber(of: client, service: service, at: server, isProven: false)
    )
  }

  /// The same, as another of which nothing but a SYN was seen runs out to make room for it: `runOut` and `request` in one.
  /// What the two would count down and up again, where both have the same accounts, stays as it is.
  package mutating func request(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide
  ) -> AccountKey { replace(former, formerSide, by: ends, side) }

  @inline(__always)
  mutating func replace(
    _ former: AccountKey,
    _ formerSide: LocalSide,
    by ends: RequestEnds,
    _ side: LocalSide
  ) -> AccountKey {
    guard !side.hasLocal, !formerSide.hasLocal, former.namespace == 0 else {
      return requestHere(ends, side, inPlaceOf: former, formerSide)
    }
    let (client, server) = (ends.client, ends.server)
    let service = number(of: server, side, isProven: false)
    let peer = peerNumber(of: client.address, service: service, at: server, isProven: false)
    if service == former.service, side == formerSide {
      services[Int(service)].openUnanswered(inPlaceOf: .unanswered(side))
    } else {
      services[Int(former.service)].runOut(.unanswered(formerSide))
      services[Int(service)].openUnanswered(side)
    }
    if peer != former.peer {
      peers[Int(former.peer)].open &-= 1
      peers[Int(peer)].open &+= 1
    }
    peers[Int(peer)].countOpening(port: client.port)
    return AccountKey(service: service, peer: peer)
  }

  @inline(never)
  private mutating func requestHere(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide
  ) -> AccountKey {
    runOut(former, formerSide)
    return request(ends, side)
  }

  /// One that does not begin with a SYN, or has an end that is here.
  @inline(never)
  private mutating func openOther(
    _ client: Endpoint,
    _ server: Endpoint,
    _ namespace: UInt8,
    _ standing: Standing
  ) -> AccountKey {
    let isProven = standing.isKnownFromTable
    let service = number(of: server, standing.localSide, isProven: isProven)
    let peer = peerNumber(of: client.address, service: service, at: server, isProven: isProven)
    let key = AccountKey(service: service, peer: peer, namespace: namespace)
    services[Int(key.service)].open(standing)
    peers[Int(key.peer)].open(standing, port: client.port)
    if isProven { noteTimeWait(of: standing, 1) }
    if standing.localSide.hasLocal || key.namespace != 0 { openHere(standing, of: key) }
    // A lone RST opens a connection and ends it.
    if standing.closeKind != .none { services[Int(key.service)].noteClose(standing) }
    return key
  }

  package mutating func move(_ key: AccountKey, from: Standing, to: Standing) {
    guard from != to else { return }
    services[Int(key.service)].ends.move(from, to)
    guard key.namespace == 0, from.movesCellsAlone(to) else { return moveMore(key, from, to) }
    // Only where a server may have answered: nothing closed.
    if to.answers(since: from) { proveAnswer(key) }
  }

  @inline(never)
  private mutating func proveAnswer(_ key: AccountKey) { prove(key) }

  /// What is counted beside the states of ends.
  @inline(never)
  private mutating func moveMore(_ key: AccountKey, _ from: Standing, _ to: Standing) {
    if key.namespace != 0 || from.localSide.hasLocal || to.localSide.hasLocal { moveHere(key, from, to) }
    if !from.differsInPhasesAlone(from: to) {
      services[Int(key.service)].moveClose(from, to)
      peers[Int(key.peer)].moveClose(from, to)
    }
    if from.movesTimeWait(to) { moveTimeWait(peer: key.peer, from, to) }
    if to.proves(since: from) { prove(key) }
  }

  @inline(__always)
  private mutating func moveTimeWait(peer: UInt32, _ from: Standing, _ to: Standing) {
    let client = to.holdsTimeWait(.client) &- from.holdsTimeWait(.client)
    let server = to.holdsTimeWait(.server) &- from.holdsTimeWait(.server)
    timeWaitClient &+= client
    timeWaitServer &+= server
    peers[Int(peer)].moveTimeWait(client: client, server: server)
  }

  /// The same move as every other, of a connection that nobody answered and that runs out.
  package mutating func runOut(_ key: AccountKey, _ side: LocalSide) {
    let standing = Standing.unanswered(side)
    guard !side.hasLocal, key.namespace == 0 else { return move(key, from: standing, to: standing.ranOut) }
    services[Int(key.service)].runOut(standing)
    peers[Int(key.peer)].open &-= 1
  }

  @inline(__always)
  private mutating func noteTimeWait(of standing: Standing, _ amount: Int) {
    timeWaitClient += standing.clientPhase == .timeWait ? amount : 0
    timeWaitServer += standing.serverPhase == .timeWait ? amount : 0
  }

  /// What is counted of ends that are here.
  @inline(never)
  private mutating func openHere(_ standing: Standing, of key: AccountKey) {
    knowsLocalPorts = true
    owners.open(standing, of: key)
    owners.post(standing, 1, to: key)
    if key.namespace != 0 { post(standing, 1, toNamespace: key.namespace) }
  }

  @inline(never)
  private mutating func moveHere(_ key: AccountKey, _ from: Standing, _ to: Standing) {
    knowsLocalPorts = true
    owners.move(key, from, to)
    if from.localSide.hasLocal || to.localSide.hasLocal { peers[Int(key.peer)].movePort(from, to) }
    guard key.namespace != 0 else { return }
    post(from, -1, toNamespace: key.namespace)
    post(to, 1, toNamespace: key.namespace)
  }

  /// Ends go from one owner to another: from nobody to somebody, as a rule.
  package mutating func own(_ key: AccountKey, before: AccountKey, _ standing: Standing) {
    owners.move(standing, from: before, to: key)
    let holder = standing.localSide == .client ? key.client : key.server
    guard holder.owner != 0 else { return }
    services[Int(key.service)].ownerNumber = holder.owner
    prove(key)
  }

  /// Takes what a connection was like that has just ended.
  package mutating func end(_ connection: borrowing EndedConnection, at service: UInt32) {
    guard connection.wasAnswered else { return endUnanswered(connection, at: service) }
    services[Int(service)].histograms.add(connection)
  }

  @inline(never)
  private mutating func endUnanswered(_ connection: borrowing EndedConnection, at service: UInt32) {
    services[Int(service)].handshakes.noteUnanswered(connection)
  }

  /// A connection that nobody answered ran out.
  package mutating func noteUnanswered(_ account: AccountKey) {
    services[Int(account.service)].handshakes.unanswered += 1
  }

  package mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent) {
    services[Int(account.service)].handshakes.note(event)
  }

  /// Some end may have waited too long.
  package var hasWaiting: Bool {
    let phases = Phase.allCases.filter(\.waits)
    return services.indices.contains { index in
      phases.contains { services[index].ends.count($0) > 0 }
    }
  }

  /// Open connections of the same client to the same service.
  package mutating func openCount(_ account: AccountKey) -> Int {
    account.peer == 0 ? 0 : peers[Int(account.peer)].open
  }

  /// The same but for one that asks, which is among them.
  package mutating func siblings(_ account: AccountKey) -> Int { max(openCount(account) &- 1, 0) }

  /// One sample a second of what stands in TIME_WAIT.
  package mutating func samplePeaks() {
    peakTimeWaitClient = max(peakTimeWaitClient, timeWaitClient)
    peakTimeWaitServer = max(peakTimeWaitServer, timeWaitServer)
  }

  package func timeWaitSample(at now: Instant) -> TimeWaitSeries.Sample {
    TimeWaitSeries.Sample(at: now, client: timeWaitClient, server: timeWaitServer)
  }

  // MARK: Reading

  package var accounts: Accounts {
    var accounts = Accounts()
    let whole = whole
    accounts.connections = whole.connections
    accounts.open = whole.open
    accounts.closedFirst = whole.closedFirst
    accounts.closeKind = whole.closeKind
    accounts.client = whole.client
    accounts.server = whole.server
    accounts.local = whole.local
    accounts.remote = whole.remote
    accounts.transit = whole.transit
    accounts.localByNamespace = namespaces
    accounts.peakTimeWaitClient = max(peakTimeWaitClient, whole.client[.timeWait])
    accounts.peakTimeWaitServer = max(peakTimeWaitServer, whole.server[.timeWait])
    accounts.services = services.ranked(by: { $0.rank }).map(\.read)
    accounts.past = past
    accounts.peers = peers.ranked(limit: Self.listedPeers, by: { $0.rank })
    accounts.owners = owners.list
    accounts.portUses = portUses
    accounts.handshakes = whole.handshakes
    return accounts
  }

  private var whole: ServiceAccount {
    var whole = ServiceAccount(service: Endpoint(address: IPAddress(ipv4: 0), port: 0))
    for index in services.indices { whole.add(services[index]) }
    for account in past { whole.add(account) }
    return whole.read
  }

  // MARK: Cells

  private mutating func post(_ standing: Standing, _ amount: Int, toNamespace number: UInt8) {
    while namespaces.count <= Int(number) { namespaces.append(PhaseCounts()) }
    namespaces[Int(number)].post(localEndsOf: standing, amount)
  }
}

extension PhaseCounts {
  fileprivate mutating func post(localEndsOf standing: Standing, _ amount: Int) {
    for (role, phase) in [(Role.client, standing.clientPhase), (.server, standing.serverPhase)] where phase != .closed {
      if standing.localSide.locality(of: role) == .local { self[phase] += amount }
    }
  }
}
