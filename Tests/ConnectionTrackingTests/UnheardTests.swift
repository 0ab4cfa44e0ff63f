import PacketDecoding
import Testing

@testable import ConnectionTracking

/// Lone SYNs leave by a way of their own where the observer needs to know no more, and it makes no difference.
@Suite struct UnheardTests {
  private static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  @Test("Shed and run out, among those that were answered or sent data with their SYN")
  func leaveAsOthersDo() {
    let (plain, told) = (Self.outcome(takesUnheard: true), Self.outcome(takesUnheard: false))
    #expect(plain.standings == told.standings)
    #expect(plain.standings.allSatisfy { $0.clientPhase == .closed && $0.closeKind == .expired })
    // The 12 with data and the 6 that were answered are told of as all others.
    #expect(plain.ended == 18 && told.ended == 60)
    #expect(plain.ranOut == 42 && plain.unanswered == 8 && told.ranOut == 0)
  }

  /// 60 SYNs, of which every fifth has data and every tenth, beginning with the sixth, is answered; then a long silence.
  private static func outcome(takesUnheard: Bool) -> Teller {
    var settings = TrackerSettings(capacity: 1000)
    settings.unansweredCapacity = 10
    var tracker = Tracker(settings: settings)
    var teller = Teller(takesUnheard: takesUnheard)
    for number in UInt32(0)..<60 {
      let client = Endpoint(address: IPAddress(ipv4: 0x0A01_0000 + number), port: 4000)
      let now = Instant(nanoseconds: Int64(number) + 1)
      tracker.receive(segment(client, server, .syn, payload: number % 5 == 0 ? 8 : 0), now, &teller)
      if number % 10 == 6 { tracker.receive(segment(server, client, .syn | .ack), now, &teller) }
      #expect(tracker.unansweredCount <= 10)
    }
    tracker.advance(to: Instant(nanoseconds: 1_000_000_000_000), observer: &teller)
    #expect(tracker.table.count == 0 && tracker.unansweredCount == 0 && tracker.halfOpenCount == 0)
    return teller
  }

  private static func segment(
    _ source: Endpoint,
    _ destination: Endpoint,
    _ flags: TCPFlags,
    payload: UInt32 = 0
  ) -> Segment {
    Segment(
      source: source,
      destination: destination,
      sequence: SequenceNumber(1),
      acknowledgment: SequenceNumber(2),
      flags: flags,
      window: 1000,
      payloadLength: payload
    )
  }
}

extension Tracker {
  fileprivate mutating func receive(_ segment: Segment, _ now: Instant, _ teller: inout Teller) {
    receive(segment, interface: 0, at: now, captured: Timestamp(nanoseconds: now.nanoseconds), observer: &teller)
  }
}

private struct Teller: ConnectionObserver {
  let takesUnheard: Bool
  var standings: [Standing] = []
  var ended = 0
  var ranOut = 0
  var unanswered = 0

  init(takesUnheard: Bool) { self.takesUnheard = takesUnheard }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    standings.append(standing)
    return AccountKey(service: UInt32(standings.count), peer: 1)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    #expect(standings[Int(account.service) - 1] == from)
    standings[Int(account.service) - 1] = to
  }

  mutating func ranOut(_ account: AccountKey, serial: UInt64, _ side: LocalSide, isUnanswered: Bool) -> Bool {
    guard takesUnheard else { return false }
    let standing = Standing.unanswered(side)
    moved(account, from: standing, to: standing.ranOut)
    ranOut += 1
    if isUnanswered { unanswered += 1 }
    return true
  }

  mutating func ended(_ connection: ConnectionView) { ended += 1 }
  mutating func left(_ connection: ConnectionView) {}
}
