import ConnectionTracking
import PacketDecoding
import TestNumbers
import Testing

@testable import StateAccounting

/// Whether an opening was expected, a moment before or long ago, makes no difference to what it is counted in.
@Suite struct ExpectedAccountsTests {
  private static let asked = Standing.unanswered(.unknown)

  private static func endpoint(_ number: Int, _ port: UInt16) -> Endpoint {
    // Number 0 is the address that stands in accounts of nobody; some have places of others.
    Endpoint(address: number == 0 ? IPAddress(high: 0, low: 0) : IPAddress(ipv4: UInt32(number)), port: port)
  }

  private static func ledger() -> Ledger {
    var limits = Ledger.Limits()
    (limits.services, limits.peers, limits.labels, limits.unprovenLabels) = (12, 40, 0, 0)
    return Ledger(limits: limits)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func expectingChangesNothing(seed: UInt64) {
    var random = SplitMix(state: seed)
    var expecting = Self.ledger()
    var plain = Self.ledger()
    var open: [AccountKey] = []
    var known = 0
    for _ in 0..<4000 {
      let client = Self.endpoint(random.below(24), UInt16(random.below(9)))
      let server = Self.endpoint(random.below(6), random.chance(80) ? 80 : 0)
      if random.chance(70) {
        let hint = expecting.expect(client: client.address, server: server)
        if hint != 0, random.chance(90) { known += expecting.expectOpening(hint) == nil ? 0 : 1 }
      }
      if random.chance(60) {
        let key = plain.open(client: client, server: server, Self.asked)
        #expect(expecting.open(client: client, server: server, Self.asked) == key)
        open.append(key)
      }
      // Whose accounts have long been quiet, their numbers are others' then.
      if random.chance(1) {
        for key in open { Self.runOut(key, &plain, &expecting) }
        open = []
        for _ in 0..<1000 {
          plain.giveBackQuiet()
          expecting.giveBackQuiet()
        }
      }
    }
    #expect(known > 100)
    #expect(String(describing: expecting.accounts) == String(describing: plain.accounts))
  }

  private static func runOut(_ key: AccountKey, _ plain: inout Ledger, _ expecting: inout Ledger) {
    plain.runOut(key, .unknown)
    expecting.runOut(key, .unknown)
  }
}
