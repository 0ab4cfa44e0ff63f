import PacketDecoding
import StateAccounting
import TestNumbers
import Testing

@testable import ConnectionTracking

/// Nothing is lost between the cells: after any sequence of changes the books say what a fresh count says.
@Suite struct ConservationTests {
  fileprivate struct Known {
    var key: AccountKey
    var client: Endpoint
    var server: Endpoint
    var standing: Standing
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func addsUp(seed: UInt64) {
    var generator = SplitMix(state: seed)
    var limits = Ledger.Limits()
    if seed % 2 == 0 { (limits.services, limits.peers) = (3, 4) }
    var ledger = Ledger(limits: limits)
    var known: [Known] = []
    for _ in 0..<400 {
      if known.isEmpty || generator.next() % 3 == 0 {
        known.append(open(&ledger, &generator))
      } else {
        change(&known[Int(generator.next() % UInt64(known.count))], &ledger, &generator)
      }
    }
    let accounts = ledger.accounts
    #expect(accounts.connections == known.count)
    check(accounts.open, accounts.closedFirst, accounts.closeKind, accounts.client, accounts.server, known)
    checkLocalities(accounts, known)
    checkOwners(accounts, known)
    #expect(accounts.services.map(\.connections).reduce(0, +) == known.count)
    #expect(accounts.services.count <= limits.services)
    for service in accounts.services where service.service.port != 0 {
      let own = known.filter { Int($0.key.service) == service.number }
      #expect(service.connections == own.count)
      check(service.open, service.closedFirst, service.closeKind, service.client, service.server, own)
      #expect(service.closed.values.reduce(0, +) == own.filter { $0.standing.closeKind != .none }.count)
    }
    #expect(accounts.peers.map(\.connections).reduce(0, +) == known.count)
    #expect(accounts.peers.map(\.timeWaitClient).reduce(0, +) == accounts.client[.timeWait])
    #expect(accounts.peers.map(\.timeWaitServer).reduce(0, +) == accounts.server[.timeWait])
  }

  private func check(
    _ open: Int,
    _ closedFirst: Counts<ClosedFirst>,
    _ closeKind: Counts<CloseKind>,
    _ client: PhaseCounts,
    _ server: PhaseCounts,
    _ known: [Known]
  ) {
    #expect(open == known.filter { $0.standing.closeKind == .none }.count)
    #expect(closedFirst.total == known.count)
    #expect(closeKind.total == known.count)
    for verdict in ClosedFirst.allCases {
      #expect(closedFirst[verdict] == known.filter { $0.standing.closedFirst == verdict }.count)
    }
    for kind in CloseKind.allCases {
      #expect(closeKind[kind] == known.filter { $0.standing.closeKind == kind }.count)
    }
    for phase in Phase.allCases where phase != .closed {
      #expect(client[phase] == known.filter { $0.standing.clientPhase == phase }.count)
      #expect(server[phase] == known.filter { $0.standing.serverPhase == phase }.count)
    }
    #expect(client[.closed] == 0 && server[.closed] == 0)
  }

  private func checkLocalities(_ accounts: Accounts, _ known: [Known]) {
    for locality in [Locality.local, .remote, .transit] {
      for phase in Phase.allCases where phase != .closed {
        let clients = known.filter { $0.standing.clientPhase == phase && $0.locality(of: .client) == locality }
        let servers = known.filter { $0.standing.serverPhase == phase && $0.locality(of: .server) == locality }
        #expect(accounts[locality][phase] == clients.count + servers.count)
        guard locality == .local else { continue }
        // The daemon's own namespace, 0, is what remains of the whole.
        for (number, counts) in accounts.localByNamespace.enumerated().dropFirst() {
          let inside = (clients + servers).count { Int($0.key.namespace) == number }
          #expect(counts[phase] == inside)
        }
      }
    }
  }

  private func checkOwners(_ accounts: Accounts, _ known: [Known]) {
    for phase in Phase.allCases where phase != .closed {
      #expect(accounts.owners.map { $0.local[phase] }.reduce(0, +) == accounts.local[phase])
    }
    for owner in accounts.owners {
      let ends = known.flatMap { connection in
        Role.allCases.filter { connection.key[$0].owner == owner.number && connection.locality(of: $0) == .local }
          .map { ($0, connection.standing) }
      }
      #expect(owner.connections == ends.count)
      #expect(owner.open == ends.filter { $0.1.closeKind == .none }.count)
      let timeWaits = ends.filter { ($0.0 == .client ? $0.1.clientPhase : $0.1.serverPhase) == .timeWait }
      #expect(owner.local[.timeWait] == timeWaits.count)
    }
  }

  private func open(_ ledger: inout Ledger, _ generator: inout SplitMix) -> Known {
    let client = Endpoint(address: IPAddress(ipv4: UInt32(generator.next() % 5)), port: UInt16(generator.next() % 9))
    let server = Endpoint(address: IPAddress(ipv4: 99), port: UInt16(1 + generator.next() % 6))
    let standing = standing(&generator)
    let namespace = UInt8(generator.next() % 3)
    let key = ledger.open(client: client, server: server, namespace: namespace, standing)
    return Known(key: key, client: client, server: server, standing: standing)
  }

  private func change(_ known: inout Known, _ ledger: inout Ledger, _ generator: inout SplitMix) {
    // The first kind stays.
    let next = standing(&generator, kind: known.standing.closeKind)
    ledger.move(known.key, from: known.standing, to: next)
    known.standing = next
    if generator.next() % 2 == 0 {
      let before = known.key
      let role = Role.allCases[Int(generator.next() % 2)]
      known.key[role] = Ownership(owner: UInt16(generator.next() % 4), attribution: .exact)
      ledger.own(known.key, before: before, known.standing)
    }
  }

  private func standing(_ generator: inout SplitMix, kind: CloseKind = .none) -> Standing {
    let anyKind = CloseKind.allCases[Int(generator.next() % UInt64(CloseKind.allCases.count))]
    return Standing(
      clientPhase: Phase.allCases[Int(generator.next() % UInt64(Phase.allCases.count))],
      serverPhase: Phase.allCases[Int(generator.next() % UInt64(Phase.allCases.count))],
      closedFirst: ClosedFirst.allCases[Int(generator.next() % UInt64(ClosedFirst.allCases.count))],
      closeKind: kind == .none ? anyKind : kind,
      localSide: LocalSide.allCases[Int(generator.next() % UInt64(LocalSide.allCases.count))]
    )
  }
}

extension ConservationTests.Known {
  fileprivate func locality(of role: Role) -> Locality? { standing.localSide.locality(of: role) }
}
