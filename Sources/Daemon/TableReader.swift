internal import ConnectionTracking
internal import KernelSockets
internal import PacketDecoding

/// Reads the kernel's table of sockets into messages.
struct TableReader: ~Copyable {
  private var diagnostics: SocketDiagnostics
  private let interfaces: [String]
  private let namespace: UInt8
  private(set) var number: UInt16
  private let owners: OwnerRegistry
  private(set) var listeners = Listeners()
  private var scope: CaptureScope
  /// Sockets that had skipped TIME_WAIT when the reading before the last one began.
  private(set) var overflowsBefore: Int
  private var overflows: Int

  /// All but listeners, and sockets without a connection.
  private static let states = SocketStates(
    .established,
    .synSent,
    .synReceived,
    .newSynReceived,
    .finWait1,
    .finWait2,
    .timeWait,
    .closeWait,
    .lastAck,
    .closing
  )

  init(
    _ diagnostics: consuming SocketDiagnostics,
    interfaces: [String],
    namespace: UInt8,
    owners: OwnerRegistry,
    number: UInt16 = 0
  ) {
    self.diagnostics = diagnostics
    self.interfaces = interfaces
    self.owners = owners
    self.number = number
    self.namespace = namespace
    scope = CaptureScope(named: interfaces, interfaces: [])
    overflows = NetworkCounters.read().timeWaitOverflows
    overflowsBefore = overflows
  }

  /// Posts the whole table; also of a reading that fails half-way, that it is over.
  ///
  /// - Parameter count: sockets that have skipped TIME_WAIT so far.
  mutating func read(
    overflows count: Int,
    batch: Int,
    _ post: (KernelMessage) -> Void
  ) throws(SystemError) {
    (overflowsBefore, overflows) = (overflows, count)
    number = number == .max ? 1 : number + 1
    let reading = TableReading(number: number, began: MonotonicClock.now(), namespace: namespace)
    do { try read(reading, batch: batch, post) } catch {
      post(.finished(reading, .now(), isComplete: false))
      throw error
    }
  }

  private mutating func read(
    _ reading: TableReading,
    batch: Int,
    _ post: (KernelMessage) -> Void
  ) throws(SystemError) {
    scope = CaptureScope(named: interfaces, interfaces: try NetworkInterfaces.list())
    try readListeners()
    var entries: [SocketEntry] = []
    let outcome = try diagnostics.dump(Self.states) { [listeners, scope, owners] socket in
      guard let entry = SocketEntry(socket, listeners, scope, owners) else { return }
      entries.append(entry)
      guard entries.count == batch else { return }
      post(.entries(entries, reading, .now()))
      entries.removeAll(keepingCapacity: true)
    }
    let end = Moment.now()
    if !entries.isEmpty { post(.entries(entries, reading, end)) }
    post(.finished(reading, end, isComplete: outcome == .complete))
  }

  private mutating func readListeners() throws(SystemError) {
    var found = Listeners()
    _ = try diagnostics.dump(SocketStates(.listen)) { found.add($0.local, owner: owners.number(ofCgroup: $0.cgroup)) }
    listeners = found
  }

  /// Looks for each of those that a reading lacked: it may have missed them while the table changed. Where the kernel does
  /// not say, the reading comes to nothing.
  mutating func confirm(
    _ missing: [MissingSocket],
    of reading: TableReading,
    overflowed: Bool,
    _ post: (KernelMessage) -> Void
  ) throws(SystemError) {
    var found: [SocketEntry] = []
    var absent: [MissingSocket] = []
    let entries: [SocketEntry?]
    do { entries = try find(missing.map(\.name)) } catch {
      post(.finished(reading, .now(), isComplete: false))
      throw error
    }
    for (socket, entry) in zip(missing, entries) {
      if let entry { found.append(entry) } else { absent.append(socket) }
    }
    let end = Moment.now()
    if !found.isEmpty { post(.entries(found, reading, end)) }
    post(.absent(absent, reading, end, overflowed: overflowed))
  }

  /// Looks for sockets of which nothing but their present state is wanted.
  mutating func lookUp(_ names: [SocketName], _ post: (KernelMessage) -> Void) throws(SystemError) {
    let reading = TableReading(number: number, began: MonotonicClock.now(), namespace: namespace)
    let found = try find(names).compactMap(\.self)
    if !found.isEmpty { post(.found(found, reading, .now())) }
  }

  /// Looks for the local ends of new connections. A lookup runs without a lock and may miss a socket that is just being
  /// replaced by its successor: those that seem to have none are looked for twice.
  mutating func lookUp(
    unconfirmed names: [SocketName],
    overflowed: Bool,
    _ post: (KernelMessage) -> Void
  ) throws(SystemError) {
    let first = try divide(names)
    let second = try divide(first.unheld)
    post(.custody(held: first.held + second.held, unheld: second.unheld, .now(), overflowed: overflowed))
  }

  /// By whether a socket is found.
  private mutating func divide(
    _ names: [SocketName]
  ) throws(SystemError) -> (held: [SocketName], unheld: [SocketName]) {
    var divided: (held: [SocketName], unheld: [SocketName]) = ([], [])
    for (name, entry) in zip(names, try find(names)) {
      if entry == nil { divided.unheld.append(name) } else { divided.held.append(name) }
    }
    return divided
  }

  private mutating func find(_ names: [SocketName]) throws(SystemError) -> [SocketEntry?] {
    try diagnostics.find(names.map { ($0.local, $0.remote) }).map { socket in
      socket.flatMap { SocketEntry($0, listeners, scope, owners) }
    }
  }
}

extension SocketEntry {
  /// Nil for what is no connection, and for one whose packets are not captured.
  fileprivate init?(_ socket: KernelSocket, _ listeners: Listeners, _ scope: CaptureScope, _ owners: OwnerRegistry) {
    guard scope.contains(local: socket.local, remote: socket.remote) else { return nil }
    let role = listeners.role(
      local: socket.local,
      remote: socket.remote,
      remoteIsLocal: scope.isLocal(socket.remote.address)
    )
    self.init(socket, role: role, at: MonotonicClock.now())
    let owner = owners.number(ofCgroup: socket.cgroup)
    if owner != 0 {
      ownership = Ownership(owner: owner, attribution: .exact)
    } else if role == .server {
      ownership = listeners.ownership(ofServer: socket.local, as: .late)
    }
  }
}
