internal import ConnectionTracking
internal import KernelSockets
internal import PacketDecoding

/// A moment on both clocks.
struct Moment: Sendable {
  var engine: Instant
  var wall: Timestamp

  static func now() -> Moment { Moment(engine: MonotonicClock.now(), wall: WallClock.now()) }
}

/// What was learned of the kernel's socket table, in the order in which it was.
enum KernelMessage: Sendable {
  case entries([SocketEntry], TableReading, Moment)
  /// Single ones that were asked for.
  case found([SocketEntry], TableReading, Moment)
  /// Sockets that a reading lacked, and that are not found one by one either.
  case absent([MissingSocket], TableReading, Moment, overflowed: Bool)
  /// Local ends of new connections that the kernel has a socket for, and those that it has none for.
  case custody(held: [SocketName], unheld: [SocketName], Moment, overflowed: Bool)
  /// All entries have been handed over. A reading may be incomplete, because the table changed under it.
  case finished(TableReading, Moment, isComplete: Bool)

  /// What happened until then must be known before this can be held against it.
  var moment: Moment {
    switch self {
    case .entries(_, _, let moment), .found(_, _, let moment), .absent(_, _, let moment, _),
      .custody(_, _, let moment, _), .finished(_, let moment, _):
      moment
    }
  }
}

/// Which sockets have their packets captured: all, unless only some interfaces are.
struct CaptureScope: Sendable {
  /// Nil: everything is captured.
  private let captured: Set<IPAddress>?
  private let local: KernelSockets.LocalAddresses
  private let capturesLoopback: Bool

  init(named: [String], interfaces: [NetworkInterface]) {
    local = KernelSockets.LocalAddresses(of: interfaces)
    let chosen = interfaces.filter { named.contains($0.name) }
    captured = named.isEmpty ? nil : Set(chosen.flatMap(\.addresses))
    capturesLoopback = named.isEmpty || chosen.contains(where: \.isLoopback)
  }

  func isLocal(_ address: IPAddress) -> Bool { local.isLocal(address) }

  /// Between two local addresses packets take the loopback, whatever interface has them.
  func contains(local end: Endpoint, remote: Endpoint) -> Bool {
    guard let captured else { return true }
    return isLocal(remote.address) ? capturesLoopback : captured.contains(end.address)
  }
}

extension SocketEntry {
  /// Nil for what is no connection: a listener, or a socket that is being made.
  init?(_ socket: KernelSocket, role: Role?, at now: Instant) {
    guard let phase = Phase(socket.state), phase.hasSocketEntry else { return nil }
    let isTimed = socket.timer == .timeWait
    self.init(
      local: socket.local,
      remote: socket.remote,
      phase: phase,
      expiry: isTimed ? now + Seconds(nanoseconds: Int64(socket.expiresMilliseconds) * 1_000_000) : nil,
      role: role
    )
  }
}

extension Phase {
  fileprivate init?(_ state: SocketState) {
    switch state {
    case .established: self = .established
    case .synSent: self = .synSent
    case .synReceived, .newSynReceived: self = .synReceived
    case .finWait1: self = .finWait1
    case .finWait2: self = .finWait2
    case .timeWait: self = .timeWait
    case .close: self = .closed
    case .closeWait: self = .closeWait
    case .lastAck: self = .lastAck
    case .listen: self = .listen
    case .closing: self = .closing
    }
  }

  fileprivate var hasSocketEntry: Bool { self != .closed && self != .listen }
}
