internal import ConnectionTracking
internal import KernelSockets
internal import PacketDecoding

/// Asks the kernel who holds sockets: by their addresses one by one, or for many of them all that live.
struct OwnerReader: ~Copyable {
  private var diagnostics: SocketDiagnostics
  private let registry: OwnerRegistry
  private(set) var listeners = Listeners()
  /// Nil before the first listing.
  private var listedAt: Instant?
  private let processes: ProcessWatch?
  private var listening = ListeningSockets()
  /// The server has not accepted them yet, so that no process has them open.
  private var unaccepted: [UnownedEnd] = []
  /// When they are looked at once more; nil without any.
  private(set) var nextLook: Instant?

  /// From so many on, reading the whole table costs less than as many single questions of some microseconds.
  private static let manyQuestions = 4096
  /// Listeners are listed again when there are questions and the list is as old as this.
  private static let listenersAge = Seconds(1)
  /// The same when a server's end has no listener in it.
  private static let missingListenerAge = Seconds(nanoseconds: 50_000_000)
  private static let unacceptedLimit = 1024
  private static let timeToAccept = Seconds(nanoseconds: 200_000_000)

  /// Those that somebody holds or held: TIME_WAITs do not tell, and sockets that are being made have their listener.
  private static let living = SocketStates(
    .established,
    .synSent,
    .finWait1,
    .finWait2,
    .closeWait,
    .lastAck,
    .closing
  )

  private struct Found {
    var inode: UInt32 = 0
    var cgroup: UInt64 = 0
  }

  /// - Parameter processes: nil when processes are not wanted.
  init(_ diagnostics: consuming SocketDiagnostics, _ registry: OwnerRegistry, _ processes: ProcessWatch?) {
    self.diagnostics = diagnostics
    self.registry = registry
    self.processes = processes
  }

  mutating func readListeners() throws(SystemError) {
    var found = Listeners()
    var sockets = ListeningSockets()
    _ = try diagnostics.dump(SocketStates(.listen)) { socket in
      found.add(socket.local, owner: registry.number(ofCgroup: socket.cgroup))
      sockets.add(socket)
    }
    listeners = found
    listening = sockets
    listedAt = MonotonicClock.now()
  }

  /// What is found out of those ends; some may be gone, and nobody is known to have listened.
  mutating func answer(_ ends: [UnownedEnd]) throws(SystemError) -> [OwnerWatch.Answer] {
    let found = ends.count < Self.manyQuestions ? try askEach(ends) : try readAll(ends)
    try refreshListeners(for: ends)
    askForProcesses(of: ends, found)
    return zip(ends, found).compactMap { end, socket in
      let owner = registry.number(ofCgroup: socket.cgroup)
      let ownership = owner == 0 ? ownershipOfGone(end) : Ownership(owner: owner, attribution: .exact)
      return ownership == .unknown ? nil : OwnerWatch.Answer(end: end, ownership: ownership)
    }
  }

  private mutating func askEach(_ ends: [UnownedEnd]) throws(SystemError) -> [Found] {
    try diagnostics.find(ends.map { ($0.name.local, $0.name.remote) }).map { socket in
      socket.map { Found(inode: $0.inode, cgroup: $0.cgroup) } ?? Found()
    }
  }

  private mutating func readAll(_ ends: [UnownedEnd]) throws(SystemError) -> [Found] {
    var sockets = Dictionary(ends.map { ($0.name, Found()) }) { first, _ in first }
    _ = try diagnostics.dump(Self.living) { socket in
      let name = SocketName(local: socket.local, remote: socket.remote)
      if sockets[name] != nil { sockets[name] = Found(inode: socket.inode, cgroup: socket.cgroup) }
    }
    return ends.map { sockets[$0.name] ?? Found() }
  }

  private mutating func refreshListeners(for ends: [UnownedEnd]) throws(SystemError) {
    guard let listedAt else { return try readListeners() }
    let age = MonotonicClock.now() - listedAt
    let isMissing = ends.contains { $0.role == .server && !listeners.contains($0.name.local) }
    if age >= Self.listenersAge || isMissing && age >= Self.missingListenerAge { try readListeners() }
  }

  private func ownershipOfGone(_ end: UnownedEnd) -> Ownership {
    end.role == .server ? listeners.ownership(ofServer: end.name.local, as: .late) : .unknown
  }

  // MARK: Processes

  /// Asks once more for those that had not been accepted, if it is time.
  mutating func lookAgain(at now: Instant) throws(SystemError) {
    guard let moment = nextLook, moment <= now else { return }
    let ends = unaccepted
    let found = try askEach(ends)
    askForProcesses(of: ends, found)
    unaccepted = []
    nextLook = nil
  }

  private mutating func askForProcesses(of ends: [UnownedEnd], _ found: [Found]) {
    guard let processes else { return }
    var questions: [ProcessWatch.Question] = []
    for (end, socket) in zip(ends, found) {
      var listener: SocketHolders.Socket?
      if end.role == .server, let taker = listening.taker(of: end.name.local) {
        listener = holdable(Found(inode: taker.inode, cgroup: taker.cgroup))
      }
      if socket.inode != 0 || listener != nil {
        questions.append(ProcessWatch.Question(end: end, socket: holdable(socket), listener: listener))
      }
      let isUnaccepted = end.role == .server && socket.inode == 0 && socket.cgroup != 0
      if isUnaccepted, unaccepted.count < Self.unacceptedLimit { unaccepted.append(end) }
    }
    if nextLook == nil, !unaccepted.isEmpty { nextLook = MonotonicClock.now() + Self.timeToAccept }
    processes.ask(questions)
  }

  private func holdable(_ socket: Found) -> SocketHolders.Socket {
    SocketHolders.Socket(inode: socket.inode, cgroup: registry.directory(ofCgroup: socket.cgroup))
  }
}

/// The listening sockets.
private struct ListeningSockets {
  private var sockets: [Endpoint: [KernelSocket]] = [:]

  mutating func add(_ socket: KernelSocket) { sockets[socket.local, default: []].append(socket) }

  /// Nil also when several share the endpoint (SO_REUSEPORT).
  func taker(of endpoint: Endpoint) -> KernelSocket? {
    let takers = Listeners.first(for: endpoint) { sockets[$0] } ?? []
    return takers.count == 1 ? takers.first : nil
  }
}
