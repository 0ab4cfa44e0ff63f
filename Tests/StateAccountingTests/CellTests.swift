import PacketDecoding
import StateAccounting
import Testing

@testable import ConnectionTracking

/// What is counted in a way of its own comes to the same as the plain way.
@Suite struct CellTests {
  private static let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 4000)
  private static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)

  /// A connection that opens with a SYN stands in the books as one that moved there.
  @Test(arguments: LocalSide.allCases, [UInt8(0), 2])
  func opensAsItMoves(side: LocalSide, namespace: UInt8) {
    let asked = Standing.unanswered(side)
    let answered = Self.standing(.synSent, .synReceived, side)
    var opening = Ledger()
    var moving = Ledger()
    for _ in 0..<3 {
      let account = moving.open(client: Self.client, server: Self.server, namespace: namespace, answered)
      moving.move(account, from: answered, to: asked)
      let same = opening.open(client: Self.client, server: Self.server, namespace: namespace, asked)
      #expect(same == account)
    }
    let accounts = opening.accounts
    #expect(accounts.open == 3 && accounts.client[.synSent] == 3 && accounts.server[.listen] == 3)
    #expect(accounts.figures == moving.accounts.figures)
  }

  /// TIME_WAIT is told by both octets at once, whatever both ends come from and go to.
  @Test func countsEachTimeWait() {
    var ledger = Ledger()
    var (standing, account): (Standing, AccountKey?) = (Self.standing(.established, .established), nil)
    var wrong = 0
    for client in Phase.allCases {
      for server in Phase.allCases {
        for (nextClient, nextServer) in Phase.allCases.flatMap({ phase in Phase.allCases.map { (phase, $0) } }) {
          for next in [Self.standing(client, server), Self.standing(nextClient, nextServer)] {
            let key = account ?? ledger.open(client: Self.client, server: Self.server, standing)
            ledger.move(key, from: standing, to: next)
            (standing, account) = (next, key)
            let sample = ledger.timeWaitSample(at: Instant(nanoseconds: 0))
            let (clients, servers) = (next.clientPhase == .timeWait ? 1 : 0, next.serverPhase == .timeWait ? 1 : 0)
            if sample.client != clients || sample.server != servers { wrong += 1 }
          }
        }
      }
    }
    #expect(wrong == 0)
    #expect(ledger.accounts.open == 1)
  }

  private static func standing(_ client: Phase, _ server: Phase, _ side: LocalSide = .unknown) -> Standing {
    Standing(clientPhase: client, serverPhase: server, closedFirst: .none, closeKind: .none, localSide: side)
  }
}
