internal import ConnectionTracking
package import PacketDecoding
package import StateAccounting

/// The figures of one step of time, of the host or of one service: the highest of what stands, the sum of what came and
/// went.
package struct FigureSample: Sendable, Equatable {
  /// When the step began.
  package var time: Timestamp
  /// The highest numbers of ends in TIME_WAIT, by where they live and by role.
  package var local = 0
  package var remote = 0
  package var transit = 0
  package var client = 0
  package var server = 0
  package var open = 0
  package var flow = FigureFlow()

  package init(time: Timestamp) {
    self.time = time
  }

  package init(_ snapshot: borrowing Snapshot, at time: Timestamp) {
    self.init(time: time)
    local = snapshot.accounts.local[.timeWait]
    remote = snapshot.accounts.remote[.timeWait]
    transit = snapshot.accounts.transit[.timeWait]
    client = snapshot.accounts.client[.timeWait]
    server = snapshot.accounts.server[.timeWait]
    open = snapshot.accounts.open
  }

  /// A short pile must not vanish from a long view.
  package mutating func raise(to other: FigureSample) {
    local = max(local, other.local)
    remote = max(remote, other.remote)
    transit = max(transit, other.transit)
    client = max(client, other.client)
    server = max(server, other.server)
    open = max(open, other.open)
  }

  /// The same with what a service has now. Accounts are large, and each is looked at every second: none is copied.
  mutating func raise(to service: borrowing ServiceAccount) {
    local = max(local, service.local[.timeWait])
    remote = max(remote, service.remote[.timeWait])
    transit = max(transit, service.transit[.timeWait])
    client = max(client, service.client[.timeWait])
    server = max(server, service.server[.timeWait])
    open = max(open, service.open)
  }

  /// Takes what belongs to the same step.
  package mutating func merge(_ other: FigureSample) {
    raise(to: other)
    flow.add(other.flow)
  }

  package var isQuiet: Bool {
    local == 0 && remote == 0 && transit == 0 && client == 0 && server == 0 && open == 0 && flow == FigureFlow()
  }
}

/// Connections that began and ended: in one step, or since start.
package struct FigureFlow: Sendable, Equatable {
  package var opened = 0
  package var closed = 0
  package var closedByClient = 0
  package var closedByServer = 0
  package var closedSimultaneously = 0

  package init() {}

  package init(_ accounts: borrowing Accounts) {
    self.init(connections: accounts.connections, accounts.closedFirst, accounts.closeKind)
  }

  package init(_ service: borrowing ServiceAccount) {
    self.init(connections: service.connections, service.closedFirst, service.closeKind)
  }

  private init(connections: Int, _ closedFirst: Counts<ClosedFirst>, _ closeKind: Counts<CloseKind>) {
    opened = connections
    closed = closeKind.total - closeKind[.none]
    closedByClient = closedFirst[.client]
    closedByServer = closedFirst[.server]
    closedSimultaneously = closedFirst[.simultaneous]
  }

  package mutating func add(_ other: FigureFlow) {
    opened += other.opened
    closed += other.closed
    closedByClient += other.closedByClient
    closedByServer += other.closedByServer
    closedSimultaneously += other.closedSimultaneously
  }

  /// What came since; never less than nothing.
  package func since(_ earlier: FigureFlow) -> FigureFlow {
    var flow = FigureFlow()
    flow.opened = max(opened - earlier.opened, 0)
    flow.closed = max(closed - earlier.closed, 0)
    flow.closedByClient = max(closedByClient - earlier.closedByClient, 0)
    flow.closedByServer = max(closedByServer - earlier.closedByServer, 0)
    flow.closedSimultaneously = max(closedSimultaneously - earlier.closedSimultaneously, 0)
    return flow
  }
}
