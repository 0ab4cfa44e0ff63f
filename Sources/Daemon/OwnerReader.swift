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

  /// From so many on, reading the whole table costs less than as many single questions of some microseconds.
  private static let manyQuestions = 4096
  /// Listeners are listed again when there are questions and the list is as old as this.
  private static let listenersAge = Seconds(1)
  /// The same when a server's end has no listener in it.
  private static let missingListenerAge = Seconds(nanoseconds: 50_000_000)

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

  init(_ diagnostics: consuming SocketDiagnostics, _ registry: OwnerRegistry) {
    self.diagnostics = diagnostics
    self.registry = registry
  }

  mutating func readListeners() throws(SystemError) {
    var found = Listeners()
    _ = try diagnostics.dump(SocketStates(.listen)) { found.add($0.local, owner: registry.number(ofCgroup: $0.cgroup)) }
    listeners = found
    listedAt = MonotonicClock.now()
  }

  /// What is found out of those ends; some may be gone, and nobody is known to have listened.
  mutating func answer(_ ends: [UnownedEnd]) throws(SystemError) -> [OwnerWatch.Answer] {
    let found = ends.count < Self.manyQuestions ? try askEach(ends) : try readAll(ends)
    try refreshListeners(for: ends)
    return zip(ends, found).compactMap { end, owner in
      let ownership = owner == 0 ? ownershipOfGone(end) : Ownership(owner: owner, attribution: .exact)
      return ownership == .unknown ? nil : OwnerWatch.Answer(end: end, ownership: ownership)
    }
  }

  private mutating func askEach(_ ends: [UnownedEnd]) throws(SystemError) -> [UInt16] {
    var owners: [UInt16] = []
    owners.reserveCapacity(ends.count)
    for end in ends {
      let socket = try diagnostics.find(local: end.name.local, remote: end.name.remote)
      owners.append(registry.number(ofCgroup: socket?.cgroup ?? 0))
    }
    return owners
  }

  private mutating func readAll(_ ends: [UnownedEnd]) throws(SystemError) -> [UInt16] {
    var cgroups = Dictionary(ends.map { ($0.name, UInt64(0)) }) { first, _ in first }
    _ = try diagnostics.dump(Self.living) { socket in
      let name = SocketName(local: socket.local, remote: socket.remote)
      if cgroups[name] != nil { cgroups[name] = socket.cgroup }
    }
    return ends.map { registry.number(ofCgroup: cgroups[$0.name] ?? 0) }
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
}
