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

  private static func endpoint(_ number: UInt32, _ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + number), port: port)
  }
}
