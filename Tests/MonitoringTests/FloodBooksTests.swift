import CloseDiagnosis
import PacketDecoding
import StateAccounting
import TestNumbers
import Testing

@testable import ConnectionTracking
@testable import Monitoring

/// SYNs of a flood of which some are told at once stand in the books as if they had been told one by one.
@Suite struct FloodBooksTests {
  private static func books() -> Books {
    var limits = Ledger.Limits()
    (limits.services, limits.peers) = (4, 12)
    return Books(retention: .within(.zero, count: 0), limits: limits)
  }

  private static func ends(_ random: inout SplitMix) -> RequestEnds {
    let address = IPAddress(ipv4: 0x0B00_0000 + UInt32(random.below(20)))
    let client = Endpoint(address: address, port: UInt16(random.below(3)))
    // Mostly the same service, which has an account; there are more than there are accounts for.
    let server = random.chance(80) ? 0 : random.below(6)
    let service = Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + UInt32(server)), port: 80)
    return RequestEnds(SegmentEnds(source: client, destination: service))
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>, [LocalSide.unknown, .transit, .server])
  func someAtOnceAreAsOneByOne(seed: UInt64, side: LocalSide) {
    var atOnce = Self.books()
    var single = Self.books()
    var random = SplitMix(state: seed)
    var waiting: [AccountKey] = []
    for _ in 0..<24 {
      let ends = Self.ends(&random)
      let account = atOnce.requested(ends, side, at: Instant(nanoseconds: 0))
      #expect(single.requested(ends, side, at: Instant(nanoseconds: 0)) == account)
      waiting.append(account)
    }
    for step in 0..<200 as Range<Int64> {
      let count = 1 + random.below(8)
      var run = FloodRequest.Run(repeating: .none)
      for number in 0..<count {
        let now = Instant(nanoseconds: step * 1000 + Int64(number))
        run[number] = FloodRequest(Self.ends(&random), at: now, inPlaceOf: waiting[number])
        let (ends, former) = (run[number].ends, waiting[number])
        let account = single.requested(ends, side, inPlaceOf: former, side, formerSerial: 0, at: now)
        waiting.append(account ?? former)
      }
      var span = run.mutableSpan
      #expect(atOnce.requested(&span, count, side))
      waiting.removeFirst(count)
      #expect((0..<count).map { run[$0].account } == Array(waiting.suffix(count)))
      #expect(atOnce.now == single.now)
    }
    #expect(Self.figures(&atOnce) == Self.figures(&single))
    #expect(atOnce.ledger.accounts.connections > 600)
  }

  /// Who has to know more of those that go is told of them one by one.
  @Test func whoKeepsThemIsNotToldOfSome() {
    var books = Books(retention: .within(Seconds(60), count: 10))
    var run = FloodRequest.Run(repeating: .none)
    var span = run.mutableSpan
    #expect(!books.requested(&span, 1, .unknown))
    #expect(books.ledger.accounts.connections == 0)
  }

  /// All that the accounts say, and what is known of causes.
  private static func figures(_ books: inout Books) -> [String] {
    let accounts = books.ledger.accounts
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
    return services + peers + ["\(books.diagnosis.report)"]
  }
}
