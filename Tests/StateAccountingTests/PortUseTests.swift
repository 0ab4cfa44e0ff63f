import PacketDecoding
import StateAccounting
import Testing

@testable import ConnectionTracking

/// When no port is left, if things go on as they do.
@Suite struct PortUseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var held = 0
    var timeWait = 0
    var heldGrowth: Double? = 0
    var timeWaitGrowth: Double? = 0
    var closes: Double? = 0
    var reuses = false
    var expected: Double?

    var testDescription: String { name }
  }

  /// Of a range of 1000 ports.
  @Test(
    arguments: [
      Case(name: "no rate yet", timeWait: 400, heldGrowth: nil, timeWaitGrowth: nil, closes: nil),
      Case(name: "nothing grows", timeWait: 600, closes: 10),
      Case(name: "20 a second, a third used", timeWait: 340, timeWaitGrowth: 20, closes: 20, expected: 33),
      Case(name: "15 a second are 900 at the end", timeWait: 340, timeWaitGrowth: 15, closes: 15),
      Case(name: "ports leak", held: 500, heldGrowth: 5, expected: 100),
      Case(
        name: "first TIME_WAIT, then the leak",
        timeWait: 400,
        heldGrowth: 1,
        timeWaitGrowth: 10,
        closes: 10,
        expected: 400
      ),
      Case(name: "all are taken", held: 10, timeWait: 990, closes: 16, expected: 0),
      Case(name: "TIME_WAIT is taken over", timeWait: 990, timeWaitGrowth: 20, closes: 20, reuses: true),
    ]
  )
  func forecast(_ example: Case) {
    var use = PortUse(address: client, destination: server)
    use.held = example.held
    use.timeWait = example.timeWait
    use.heldGrowth = example.heldGrowth
    use.timeWaitGrowth = example.timeWaitGrowth
    use.closesPerSecond = example.closes
    let forecast = PortForecast(use, limit: 1000, reusesTimeWait: example.reuses)
    #expect(forecast.secondsToExhaustion == example.expected)
  }

  @Test func noPortsAtAll() {
    let forecast = PortForecast(PortUse(address: client, destination: server), limit: 0, reusesTimeWait: false)
    #expect(forecast.share == 1)
    #expect(forecast.secondsToExhaustion == nil)
  }

  /// 20 connections a second, each closed by the client at once: the ledger tells the rate, and when it ends.
  @Test func ledgerFollowsARate() throws {
    var ledger = Ledger()
    for second in 0..<17 {
      for number in 0..<20 { connect(&ledger, port: UInt16(1000 + second * 20 + number), .client) }
      ledger.samplePorts(at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
    }
    let use = try #require(ledger.accounts.portUses.first)
    #expect(use.used == 340 && use.timeWait == 340 && use.held == 0)
    let forecast = PortForecast(use, limit: 1000, reusesTimeWait: false)
    let seconds = try #require(forecast.secondsToExhaustion)
    #expect(abs(seconds - 33) < 1, "\(seconds)")
  }

  @Test func othersPortsAreNotOurs() {
    var ledger = Ledger()
    for side in [LocalSide.server, .transit, .unknown] {
      for port in 0..<20 as Range<UInt16> { connect(&ledger, port: 2000 + port, side) }
    }
    #expect(ledger.accounts.portUses.isEmpty)
  }

  @Test(arguments: [(CloseKind.refused, 1, 0), (.expired, 0, 1)])
  func failuresAreCounted(kind: CloseKind, refused: Int, unanswered: Int) throws {
    var ledger = Ledger()
    let begin = standing(.synSent, .none, .client)
    let key = ledger.open(client: Endpoint(address: client, port: 5000), server: server, begin)
    ledger.move(key, from: begin, to: standing(.closed, kind, .client))
    let use = try #require(ledger.accounts.portUses.first)
    #expect(use.refused == refused && use.unanswered == unanswered && use.used == 0)
  }

  private let client = IPAddress(ipv4: 0x0A00_0007)
  private let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  private func connect(_ ledger: inout Ledger, port: UInt16, _ side: LocalSide) {
    let begin = standing(.established, .none, side)
    let key = ledger.open(client: Endpoint(address: client, port: port), server: server, begin)
    ledger.move(key, from: begin, to: standing(.timeWait, .fin, side))
  }

  private func standing(_ phase: Phase, _ kind: CloseKind, _ side: LocalSide) -> Standing {
    Standing(
      clientPhase: phase,
      serverPhase: phase == .established ? .established : .closed,
      closedFirst: .none,
      closeKind: kind,
      localSide: side
    )
  }
}
