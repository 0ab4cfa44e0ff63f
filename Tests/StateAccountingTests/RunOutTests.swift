import PacketDecoding
import StateAccounting
import Testing

@testable import ConnectionTracking

/// What ran out unanswered is told in a call of its own, and stands in the books as if it had moved like all others.
@Suite struct RunOutTests {
  @Test(arguments: LocalSide.allCases, [UInt8(0), 2])
  func isAMove(side: LocalSide, namespace: UInt8) {
    let standing = Standing.unanswered(side)
    let (client, server) = (Self.endpoint(1, 4000), Self.endpoint(2, 80))
    var moving = Ledger()
    var running = Ledger()
    for _ in 0..<3 {
      let account = moving.open(client: client, server: server, namespace: namespace, standing)
      #expect(running.open(client: client, server: server, namespace: namespace, standing) == account)
      moving.move(account, from: standing, to: standing.ranOut)
      running.runOut(account, side)
    }
    let accounts = running.accounts
    #expect(accounts.open == 0 && accounts.closeKind[.expired] == 3)
    #expect(accounts.figures == moving.accounts.figures)
  }

  /// One that runs out as another comes, of the same client and service or of others, with accounts of their own and
  /// without.
  @Test(arguments: LocalSide.allCases, LocalSide.allCases)
  func isAMoveAsAnotherComes(formerSide: LocalSide, side: LocalSide) {
    var limits = Ledger.Limits()
    (limits.services, limits.peers) = (5, 5)
    var apart = Ledger(limits: limits)
    var together = Ledger(limits: limits)
    for number in 0..<24 as Range<UInt32> {
      let former = Self.ends(Self.endpoint(number % 5, 4000), Self.endpoint(20 + number % 4, 80))
      let account = apart.request(former, formerSide)
      #expect(together.request(former, formerSide) == account)
      let ends = Self.ends(Self.endpoint(number % 3, UInt16(number)), Self.endpoint(20 + number % 3, 80))
      apart.runOut(account, formerSide)
      let next = apart.request(ends, side)
      #expect(together.request(ends, side, inPlaceOf: account, formerSide) == next)
    }
    let accounts = together.accounts
    #expect(accounts.closeKind[.expired] == 24 && accounts.open == 24)
    #expect(String(describing: accounts) == String(describing: apart.accounts))
    #expect(Self.figures(accounts) == Self.figures(apart.accounts))
  }

  private static func ends(_ client: Endpoint, _ server: Endpoint) -> RequestEnds {
    RequestEnds(SegmentEnds(source: client, destination: server))
  }

  /// Those that stand in cells, which a description leaves out.
  private static func figures(_ accounts: Accounts) -> [String] {
    let services = accounts.services.map { account in
      let ends = Phase.allCases.map { [account.client[$0], account.server[$0], account.transit[$0]] }
      let closers = ClosedFirst.allCases.map { account.closedFirst[$0] }
      let closes = (closers, CloseKind.allCases.map { account.closeKind[$0] })
      let verdicts = account.closed.map { "\($0.key) \($0.value)" }.sorted()
      return "\(account.service) \(account.connections) \(account.open) \(ends) \(closes) \(verdicts)"
    }
    let peers = accounts.peers.map { account in
      let closers = ClosedFirst.allCases.map { account.closedFirst[$0] }
      let ports = "\(account.newPorts) \(account.recentPorts)"
      return "\(account.address) \(account.connections) \(account.open) \(closers) \(ports)"
    }
    return services + peers
  }

  private static func endpoint(_ number: UInt32, _ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + number), port: port)
  }
}
