import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What a batch will do is told before it is done, and nothing of it is done by that.
@Suite struct ExpectTests {
  private static func endpoint(_ number: UInt32, _ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + number), port: port)
  }

  private static let server = endpoint(1, 80)

  private static func segment(_ source: Endpoint, _ destination: Endpoint, _ flags: TCPFlags) -> Segment {
    Segment(
      source: source,
      destination: destination,
      sequence: SequenceNumber(1),
      acknowledgment: SequenceNumber(1),
      flags: flags,
      window: 1000,
      payloadLength: 0
    )
  }

  /// More connections than are in the cache.
  private static func open(in tracker: inout Tracker, _ listener: inout Listener) {
    for number in UInt32(2)..<4000 {
      let (now, captured) = (Instant(nanoseconds: 1), Timestamp(nanoseconds: 1))
      let syn = segment(endpoint(number, 4000), server, .syn)
      tracker.receive(syn, interface: 0, at: now, captured: captured, observer: &listener)
    }
  }

  @Test func openingsAnswersAndEndsAreTold() {
    var tracker = Tracker(settings: TrackerSettings(capacity: 40_000))
    var listener = Listener()
    Self.open(in: &tracker, &listener)
    var batch = ArrivalBatch()
    let (known, unknown) = (Self.endpoint(100, 4000), Self.endpoint(5000, 4000))
    for segment in [
      Self.segment(unknown, Self.server, .syn), Self.segment(unknown, Self.server, .fin | .ack),
      Self.segment(known, Self.server, .ack), Self.segment(Self.server, known, .rst | .ack),
      // Even ones share their account.
      Self.segment(Self.server, Self.endpoint(200, 4000), .syn | .ack),
      Self.segment(Self.server, Self.endpoint(201, 4000), .syn | .ack),
    ] {
      batch[batch.count].segment = segment
      batch[batch.count].note(0, in: 0)
      tracker.recognize(&batch[batch.count])
      batch.count += 1
    }
    tracker.seek(&batch)
    tracker.lookAhead(&batch, observer: &listener)
    #expect(listener.clients == [unknown, Self.endpoint(200, 4000)])
    #expect(listener.accounts == [100])
    #expect(listener.hints == [1, 2])
    #expect(listener.opened == 3998 && tracker.table.count == 3998)
  }

  @Test("Where segments are remembered, closes are told of, too")
  func closesAreTold() {
    var tracker = Tracker(settings: TrackerSettings(capacity: 40_000))
    tracker.rememberSegments(limit: 100)
    var listener = Listener()
    Self.open(in: &tracker, &listener)
    let known = Self.endpoint(101, 4000)
    let answer = Self.segment(Self.server, known, .syn | .ack)
    let (now, captured) = (Instant(nanoseconds: 1), Timestamp(nanoseconds: 1))
    tracker.receive(answer, interface: 0, at: now, captured: captured, observer: &listener)
    var batch = ArrivalBatch()
    batch[0].segment = Self.segment(Self.server, known, .fin | .ack)
    batch[0].note(0, in: 0)
    tracker.recognize(&batch[0])
    batch.count = 1
    tracker.seek(&batch)
    tracker.lookAhead(&batch, observer: &listener)
    #expect(listener.closes == [tracker.table.serial(atNumber: 99)])
    #expect(listener.accounts == [101])
  }

  @Test("Of a full batch each opening is told of once, in order", arguments: [1, 40, 64, 65, 100, 255, 256])
  func allOfABatch(count: Int) {
    var tracker = Tracker(settings: TrackerSettings(capacity: 40_000))
    var listener = Listener()
    Self.open(in: &tracker, &listener)
    var batch = ArrivalBatch()
    let clients = (0..<UInt32(count)).map { Self.endpoint(5000 + $0, 4000) }
    for client in clients {
      batch[batch.count].segment = Self.segment(client, Self.server, .syn)
      batch[batch.count].note(0, in: 0)
      tracker.recognize(&batch[batch.count])
      batch.count += 1
    }
    tracker.seek(&batch)
    tracker.receive(&batch, before: Instant(nanoseconds: .max), RawSpan(), observer: &listener)
    #expect(listener.clients == clients)
    #expect(tracker.table.count == 3998 + count)
  }

  @Test("Openings that are told of are gone on with once, with what is told next")
  func openingsWait() {
    var tracker = Tracker(settings: TrackerSettings(capacity: 40_000))
    var listener = Listener()
    for (first, hints) in [(UInt32(6000), [UInt64]()), (7000, [1, 2, 3]), (8000, [1, 2, 3, 4, 5, 6])] {
      var batch = ArrivalBatch()
      for number in first..<first + 3 {
        batch[batch.count].segment = Self.segment(Self.endpoint(number, 4000), Self.server, .syn)
        batch[batch.count].note(0, in: 0)
        tracker.recognize(&batch[batch.count])
        batch[batch.count].candidate = .none
        batch.count += 1
      }
      tracker.expect(&batch, from: 0, 0b111, observer: &listener)
      #expect(listener.hints == hints)
    }
  }
}

private struct Listener: ConnectionObserver {
  var opened = 0
  var accounts: [UInt32] = []
  var clients: [Endpoint] = []
  var hints: [UInt64] = []
  var closes: [UInt64?] = []

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    opened += 1
    let number = UInt32(truncatingIfNeeded: client.address.low) & 0xFFFF
    return AccountKey(service: 1, peer: number % 2 == 0 && number != 100 ? 0 : number)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {}
  mutating func left(_ connection: ConnectionView) {}
  mutating func expect(peer number: UInt32) { accounts.append(number) }
  mutating func expectEnd(of serial: UInt64) { closes.append(serial) }

  mutating func expect(client: Endpoint, server: Endpoint) -> UInt64 {
    clients.append(client)
    return UInt64(clients.count)
  }

  mutating func expectOpening(_ hint: UInt64) { hints.append(hint) }
}
