/// Owners are asked for while their sockets live, and stay known when they are gone: a TIME_WAIT has none in the
/// kernel.
extension Tracker {
  private static let unownedLimit = 16_384

  /// Local ends of a network namespace that got a socket since the last call, oldest first.
  package mutating func takeUnowned(in namespace: UInt8 = 0) -> [UnownedEnd] {
    defer { unowned.removeAll { $0.name.namespace == namespace } }
    return unowned.filter { $0.name.namespace == namespace }
  }

  /// - Returns: whether the end is still known and was not known to have an owner as surely as this.
  @discardableResult
  package mutating func noteOwner(
    _ ownership: Ownership,
    of end: UnownedEnd,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let (key, side) = FlowKey.between(
      end.name.local,
      end.name.remote,
      scope: 0,
      namespace: end.name.namespace
    )
    guard let slot = table.find(key), table.detail(at: slot).serial == end.serial else { return false }
    return setOwner(ownership, of: side, slot, &observer)
  }

  @discardableResult
  mutating func setOwner(
    _ ownership: Ownership,
    of end: End,
    _ slot: Slot,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let (flow, old) = (table.flow(at: slot), table.detail(at: slot).account)
    let role = flow.role(of: end)
    guard flow.isLocal(end), ownership.attribution > old[role].attribution else { return false }
    table.update(slot) { _, detail in detail.account[role] = ownership }
    observer.owned(table.detail(at: slot).account, before: old, flow.standing)
    return true
  }

  /// Whether the connection is still in the table.
  package func isCurrent(_ end: UnownedEnd) -> Bool {
    let (key, _) = FlowKey.between(end.name.local, end.name.remote, scope: 0, namespace: end.name.namespace)
    guard let slot = table.find(key) else { return false }
    return table.detail(at: slot).serial == end.serial
  }

  /// A connection is new. The client has its socket before its SYN, the server when the handshake is through.
  mutating func noteUnowned(at slot: Slot) {
    let standing = table.flow(at: slot).standing
    if standing.clientPhase.hasSocket { noteUnowned(.client, at: slot) }
    if standing.serverPhase.isOpened { noteUnowned(.server, at: slot) }
  }

  mutating func noteUnowned(_ step: Step, at slot: Slot) {
    if step.after.serverPhase.isOpened, !step.before.serverPhase.isOpened { noteUnowned(.server, at: slot) }
  }

  mutating func noteUnowned(_ role: Role, at slot: Slot) {
    guard settings.asksForOwners, unowned.count < Self.unownedLimit else { return }
    let (flow, key) = (table.flow(at: slot), table.key(at: slot))
    let end = flow.end(of: role)
    guard flow.isLocal(end), key.scope == 0 else { return }
    unowned.append(
      UnownedEnd(
        name: key.socketName(of: end),
        role: role,
        serial: table.detail(at: slot).serial,
        isOlder: !flow.traits.rolesObserved
      )
    )
  }
}

extension Phase {
  /// The handshake is through, and the end is not through with everything.
  fileprivate var isOpened: Bool {
    switch self {
    case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: true
    case .closed, .listen, .synSent, .synReceived: false
    }
  }
}
