internal import ConnectionTracking

/// Local ends by who holds them. An end moves from one owner to another as it moves from one state to another: one off,
/// one on.
struct OwnerAccounts: Sendable {
  /// By number.
  private var owners = [OwnerAccount(number: 0)]

  /// A connection is new.
  mutating func open(_ standing: Standing, of key: AccountKey) {
    standing.localSide.forEachLocal { role in update(key[role].owner) { $0.connections += 1 } }
  }

  mutating func post(_ standing: Standing, _ amount: Int, to key: AccountKey) {
    standing.localSide.forEachLocal { role in
      let phase = role == .client ? standing.clientPhase : standing.serverPhase
      update(key[role].owner) { owner in
        if standing.closeKind == .none { owner.open += amount }
        if phase != .closed { owner.local[phase] += amount }
      }
    }
  }

  mutating func move(_ key: AccountKey, _ from: Standing, _ to: Standing) {
    post(from, -1, to: key)
    post(to, 1, to: key)
    guard from.localSide != to.localSide else { return }
    // What was taken to be forwarded is held here after all, or the other way round.
    from.localSide.forEachLocal { role in update(key[role].owner) { $0.connections -= 1 } }
    to.localSide.forEachLocal { role in update(key[role].owner) { $0.connections += 1 } }
  }

  mutating func move(_ standing: Standing, from old: AccountKey, to new: AccountKey) {
    post(standing, -1, to: old)
    post(standing, 1, to: new)
    standing.localSide.forEachLocal { role in
      update(old[role].owner) { $0.connections -= 1 }
      update(new[role].owner) { $0.connections += 1 }
    }
  }

  /// Those that have or had something.
  var list: [OwnerAccount] {
    owners.filter { $0.connections > 0 || $0.open > 0 }.sorted { a, b in
      let (mine, others) = (a.local[.timeWait], b.local[.timeWait])
      if mine != others { return mine > others }
      return a.connections != b.connections ? a.connections > b.connections : a.number < b.number
    }
  }

  private mutating func update(_ number: UInt16, _ change: (inout OwnerAccount) -> Void) {
    while owners.count <= Int(number) { owners.append(OwnerAccount(number: UInt16(owners.count))) }
    change(&owners[Int(number)])
  }
}

extension LocalSide {
  @inline(__always)
  var hasLocal: Bool { self != .unknown && self != .transit }

  /// Runs `body` for each role whose end is here.
  fileprivate func forEachLocal(_ body: (Role) -> Void) {
    if locality(of: .client) == .local { body(.client) }
    if locality(of: .server) == .local { body(.server) }
  }
}
