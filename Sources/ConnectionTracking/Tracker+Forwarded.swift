package import PacketDecoding

/// Connections that bear an address of this host and have no socket here: masquerading and port forwarding give them
/// one. On a host that forwards the kernel is asked for the local ends of each new connection.
extension Tracker {
  /// More in a second are left to the readings of the table.
  private static let unconfirmedLimit = 8192
  /// Calls of `takeUnconfirmed` that an end waits for a verdict on its like, when it closed before it was asked for.
  private static let patience = 3

  mutating func noteUnconfirmed(_ slot: Slot, at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    let (flow, key) = (table.flow(at: slot), table.key(at: slot))
    guard key.scope == 0 else { return }
    let serial = table.detail(at: slot).serial
    for end in [End.first, .second] where flow.isLocal(end) && unconfirmed.count < Self.unconfirmedLimit {
      let name = key.socketName(of: end)
      unconfirmed.append(UnconfirmedEnd(name: name, service: ServiceOfHost(flow, key, end), serial: serial))
    }
    presumeForwarded(slot, at: now, observer: &observer)
  }

  /// Those of them that should have a socket by now. Those that may not have one yet are kept; those that have none any
  /// more are what their like were.
  package mutating func takeUnconfirmed(
    in namespace: UInt8 = 0,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> [SocketName] {
    var taken: [SocketName] = []
    var kept: [UnconfirmedEnd] = []
    for var entry in unconfirmed {
      guard entry.name.namespace == namespace else {
        kept.append(entry)
        continue
      }
      guard let (slot, end) = find(entry.name, serial: entry.serial) else { continue }
      let phase = table.flow(at: slot)[end].phase
      if phase.isWithoutDoubt {
        taken.append(entry.name)
      } else if phase.hasSocket || custodies[entry.service] == nil && entry.rounds < Self.patience {
        if !phase.hasSocket { entry.rounds += 1 }
        kept.append(entry)
      } else {
        presumeForwarded(slot, at: now, observer: &observer)
      }
    }
    unconfirmed = kept
    return taken
  }

  /// What the kernel said when it was asked for the socket of a local end.
  ///
  /// - Parameters:
  ///   - time: when it was asked, on the clock that packets are stamped with.
  ///   - overflowed: sockets skipped TIME_WAIT lately, because there were too many.
  package mutating func noteCustody(
    of name: SocketName,
    hasSocket: Bool,
    asked time: Timestamp,
    overflowed: Bool,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let (slot, end) = find(name), table[stayAt: slot].start < time else { return }
    let service = ServiceOfHost(table.flow(at: slot), table.key(at: slot), end)
    if hasSocket {
      custodies.note(.own, of: service)
      restoreLocality(slot, at: now, observer: &observer)
      return
    }
    let phase = table.flow(at: slot)[end].phase
    guard phase.isWithoutDoubt, !(overflowed && phase == .timeWait), table.detail(at: slot)[end].reading == 0 else {
      return
    }
    custodies.note(.forwarded, of: service)
    makeTransit(slot, at: now, observer: &observer)
  }

  private mutating func find(_ name: SocketName, serial: UInt64? = nil) -> (slot: Slot, end: End)? {
    let (key, end) = FlowKey.between(name.local, name.remote, scope: 0, namespace: name.namespace)
    guard let slot = table.findWhole(key), table.detail(at: slot).serial == serial ?? table.detail(at: slot).serial
    else {
      return nil
    }
    return (slot, end)
  }

  /// It is as all others of its service were.
  private mutating func presumeForwarded(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (flow, key) = (table.flow(at: slot), table.key(at: slot))
    let ends = [End.first, .second].filter(flow.isLocal)
    guard !ends.isEmpty, ends.allSatisfy({ custodies[ServiceOfHost(flow, key, $0)] == .forwarded }) else { return }
    makeTransit(slot, at: now, observer: &observer)
  }

  /// An end has a socket here after all: one that is bound to a device is found by a reading of the table alone.
  mutating func restoreLocality(_ slot: Slot, at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    guard table.flow(at: slot).localSide == .transit else { return }
    let key = table.key(at: slot)
    let side = settings.withHost(key.namespace) { host in
      let flow = table.flow(at: slot)
      return host.localAddresses.side(
        client: key.endpoint(flow.end(of: .client)),
        server: key.endpoint(flow.end(of: .server))
      )
    }
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      flow.localSide = side
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
  }
}

/// A local end that has not been asked for yet.
struct UnconfirmedEnd: Sendable {
  var name: SocketName
  var service: ServiceOfHost
  var serial: UInt64
  var rounds = 0
}

/// A service and the address of this host at one end of its connections.
struct ServiceOfHost: Hashable, Sendable {
  private let server: Endpoint
  private let local: IPAddress
  private let namespace: UInt8

  init(_ flow: Flow, _ key: FlowKey, _ end: End) {
    server = key.endpoint(flow.end(of: .server))
    local = key.endpoint(end).address
    namespace = key.namespace
  }
}

/// Whose the connections of each service are, as far as the kernel was asked.
struct Custodies: Sendable {
  enum Custody: Sendable {
    case own
    case forwarded
    /// Some are this host's, some are not.
    case mixed
  }

  private var known: [ServiceOfHost: Custody] = [:]
  private static let limit = 4096

  subscript(service: ServiceOfHost) -> Custody? { known[service] }

  mutating func note(_ custody: Custody, of service: ServiceOfHost) {
    guard let before = known[service] else {
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[service] = custody
      return
    }
    if before != custody { known[service] = .mixed }
  }
}

extension Phase {
  /// The kernel of its end has a socket, which does not go without a packet.
  fileprivate var isWithoutDoubt: Bool { hasSocket && !endsSilently }
}
