import PacketDecoding
import StateAccounting
import Testing

@testable import ConnectionTracking

/// A step of the regular course is told by its name, and stands in the books as if it had been told by where the
/// connection was and where it is.
@Suite struct StepTests {
  @Test(arguments: LocalSide.allCases, [UInt8(0), 2])
  func isAMove(side: LocalSide, namespace: UInt8) {
    for step in RegularStep.allCases {
      var moving = Ledger()
      var stepping = Ledger()
      let (before, after) = (step.before(side), step.after(side))
      #expect(before != after)
      for number in 1...3 {
        let (client, server) = (Self.endpoint(1, UInt16(4000 + number)), Self.endpoint(2, 80))
        let account = moving.open(client: client, server: server, namespace: namespace, .unanswered(side))
        #expect(stepping.open(client: client, server: server, namespace: namespace, .unanswered(side)) == account)
        for way in [Self.way(to: step), [step]].joined() {
          moving.move(account, from: way.before(side), to: way.after(side))
          #expect(stepping.take(way, account, side) == (way.closes ? moving.siblings(account) : 0))
          #expect(stepping.accounts.figures == moving.accounts.figures)
        }
      }
      #expect(stepping.accounts.connections == 3)
      let (now, sample) = (Instant(nanoseconds: 0), moving.timeWaitSample(at: Instant(nanoseconds: 0)))
      #expect("\(stepping.timeWaitSample(at: now))" == "\(sample)")
      #expect(stepping.accounts.closedFirst[after.closedFirst] == 3)
    }
  }

  /// Each begins where another ends.
  @Test(arguments: RegularStep.allCases)
  func followsAnother(step: RegularStep) {
    #expect(Self.way(to: step).last.map { $0.after(.unknown) } ?? .unanswered(.unknown) == step.before(.unknown))
  }

  /// The steps before.
  private static func way(to step: RegularStep) -> [RegularStep] {
    guard let last = RegularStep.allCases.first(where: { $0.after(.unknown) == step.before(.unknown) }) else {
      return []
    }
    return way(to: last) + [last]
  }

  private static func endpoint(_ number: UInt32, _ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + number), port: port)
  }
}
