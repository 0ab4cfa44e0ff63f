package import ConnectionTracking
package import PacketDecoding

/// The books: each change of a connection is one taken off a cell and one put on another, in one function, so that
/// totals cannot drift from what is in the table.
package struct Ledger: Sendable {
  /// Ends in TIME_WAIT of the whole, whose other figures are the sums of the services'.
  private var timeWaitClient = 0
  private var timeWaitServer = 0
  private var services: [ServiceAccount] = []
  private let hasher = EndpointHasher()
  private var serviceNumbers = NumberIndex()
  /// The service that was asked for last: connections come in runs.
  private var lastService: UInt32 = 0
  var peers: [PeerAccount] = []
  private var owners = OwnerAccounts()
  private var peerNumbers = NumberIndex()
  /// Local ends by number of the network namespace; those of the daemon's own, 0, are not counted here.
  private var namespaces: [PhaseCounts] = []
  private var peakTimeWaitClient = 0
  private var peakTimeWaitServer = 0
  var portHistories: [UInt32: PortHistory] = [:]
  private let limits: Limits

  /// How many services and peers are told apart; the rest share the account of number 0.
  package struct Limits: Sendable {
    package var services = 4096
    package var peers = 16384

    package init() {}
  }

  private static let listedPeers = 100

  package init(limits: Limits = Limits()) {
    self.limits = limits
    let other = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
    services.append(ServiceAccount(service: other))
    peers.append(PeerAccount(address: other.address, service: other))
  }

  // MARK: Events

  package mutating func open(
    client: Endpoint,
    server: Endpoint,
    namespace: UInt8 = 0,
    _ standing: Standing
  ) -> AccountKey {
    let service = number(of: server, standing.localSide)
    let peer = peerNumber(of: client.address, service: service, at: server)
    let key = AccountKey(service: service, peer: peer, namespace: namespace)
    services[Int(key.service)].connections += 1
    if standing.localSide.hasLocal { owners.open(standing, of: key) }
    post(standing, 1, to: key)
    peers[Int(key.peer)].open(standing, port: client.port)
    // A lone RST opens a connection and ends it.
    if standing.closeKind != .none { noteClose(standing, of: key) }
    return key
  }

  package mutating func move(_ key: AccountKey, from: Standing, to: Standing) {
    guard from != to else { return }
    timeWaitClient += (to.clientPhase == .timeWait ? 1 : 0) - (from.clientPhase == .timeWait ? 1 : 0)
    timeWaitServer += (to.serverPhase == .timeWait ? 1 : 0) - (from.serverPhase == .timeWait ? 1 : 0)
    services[Int(key.service)].move(from, to)
    peers[Int(key.peer)].move(from, to)
    if from.localSide.hasLocal || to.localSide.hasLocal { owners.move(key, from, to) }
    if key.namespace != 0 {
      post(from, -1, toNamespace: key.namespace)
      post(to, 1, toNamespace: key.namespace)
    }
    if from.closeKind == .none, to.closeKind != .none { noteClose(to, of: key) }
  }

  /// Ends go from one owner to another: from nobody to somebody, as a rule.
  package mutating func own(_ key: AccountKey, before: AccountKey, _ standing: Standing) {
    owners.move(standing, from: before, to: key)
    let holder = standing.localSide == .client ? key.client : key.server
    if holder.owner != 0 { services[Int(key.service)].ownerNumber = holder.owner }
  }

  private mutating func noteClose(_ standing: Standing, of key: AccountKey) {
    let verdict = CloseVerdict(closedFirst: standing.closedFirst, kind: standing.closeKind)
    services[Int(key.service)].closes.note(verdict)
  }

  /// Takes what a connection was like that has just ended.
  package mutating func end(_ connection: ConnectionView, at account: AccountKey) {
    services[Int(account.service)].histograms.add(connection)
    services[Int(account.service)].handshakes.noteEnd(of: connection)
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
    services.contains { service in
      Phase.allCases.contains { $0.waits && service.client[$0] + service.server[$0] > 0 }
    }
  }

  /// Open connections of the same client to the same service.
  package mutating func openCount(_ account: AccountKey) -> Int {
    account.peer == 0 ? 0 : peers[Int(account.peer)].open
  }

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
    accounts.services = services.ranked(by: { $0.rank })
    accounts.peers = peers.ranked(limit: Self.listedPeers, by: { $0.rank })
    accounts.owners = owners.list
    accounts.portUses = portUses
    accounts.handshakes = whole.handshakes
    return accounts
  }

  private var whole: ServiceAccount {
    var whole = ServiceAccount(service: Endpoint(address: IPAddress(ipv4: 0), port: 0))
    let services = services.span
    for index in services.indices { whole.add(services[index]) }
    return whole
  }

  // MARK: Cells

  private mutating func post(_ standing: Standing, _ amount: Int, to key: AccountKey) {
    if standing.clientPhase == .timeWait { timeWaitClient += amount }
    if standing.serverPhase == .timeWait { timeWaitServer += amount }
    services[Int(key.service)].post(standing, amount)
    if standing.localSide.hasLocal { owners.post(standing, amount, to: key) }
    if key.namespace != 0 { post(standing, amount, toNamespace: key.namespace) }
  }

  private mutating func post(_ standing: Standing, _ amount: Int, toNamespace number: UInt8) {
    while namespaces.count <= Int(number) { namespaces.append(PhaseCounts()) }
    namespaces[Int(number)].post(localEndsOf: standing, amount)
  }

  private mutating func number(of server: Endpoint, _ side: LocalSide) -> UInt32 {
    if lastService != 0, services[Int(lastService)].service == server { return lastService }
    let hash = hasher(server, salt: 0)
    if let number = serviceNumbers.find(hash, { services[$0].service == server }) {
      lastService = number
      return number
    }
    guard services.count < limits.services else { return 0 }
    let number = UInt32(services.count)
    services.append(ServiceAccount(service: server, number: Int(number), locality: side.locality(of: .server)))
    serviceNumbers.insert(number, hash)
    return number
  }

  private mutating func peerNumber(of address: IPAddress, service: UInt32, at server: Endpoint) -> UInt32 {
    let hash = hasher(Endpoint(address: address, port: 0), salt: service)
    if let number = peerNumbers.find(hash, { peers[$0].belongs(address, service) }) { return number }
    guard peers.count < limits.peers else { return 0 }
    let number = UInt32(peers.count)
    peers.append(PeerAccount(address: address, service: server, serviceNumber: service))
    peerNumbers.insert(number, hash)
    return number
  }
}

extension PhaseCounts {
  fileprivate mutating func post(localEndsOf standing: Standing, _ amount: Int) {
    for (role, phase) in [(Role.client, standing.clientPhase), (.server, standing.serverPhase)] where phase != .closed {
      if standing.localSide.locality(of: role) == .local { self[phase] += amount }
    }
  }
}
