import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// Where there is no room for more handshakes, a SYN takes the place of the oldest; an observer that has to know more of
/// that one is told of both, one after the other. The table is the same.
@Suite struct FloodTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func oneStepIsAsTwo(seed: UInt64) {
    var inOneStep = Flooded(inOneStep: true)
    var inTwo = Flooded(inOneStep: false)
    var random = SplitMix(state: seed)
    for number in 0..<600 as Range<UInt32> {
      // Time goes back now and then.
      let now = 1_000_000_000 + Int64(number) * 1_000_000 - (random.chance(5) ? 40_000_000 : 0)
      let client = Endpoint(address: IPAddress(ipv4: 0x09FF_FF00 + UInt32(random.below(512))), port: UInt16(number))
      let isAnswered = random.chance(3)
      inOneStep.take(client, isAnswered: isAnswered, at: now)
      inTwo.take(client, isAnswered: isAnswered, at: now)
    }
    let (one, two) = (inOneStep.list, inTwo.list)
    #expect(one == two && one.count == 16)
    #expect(inOneStep.observer.events == inTwo.observer.events)
    #expect(inOneStep.observer.steps > 400 && inTwo.observer.steps == 0)
    #expect(inOneStep.tracker.evicted == inTwo.tracker.evicted)
    #expect(inOneStep.tracker.halfOpenCount <= 16)
  }

  /// Taken some at once, with answers, copies and what goes back in time between them, all is told as it is one by one.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func someAtOnceAreAsOneByOne(seed: UInt64) {
    var atOnce = Flooded(inOneStep: true)
    var single = Flooded(inOneStep: true)
    var random = SplitMix(state: seed)
    var time: Int64 = 1_000_000_000
    for _ in 0..<40 {
      var batch = ArrivalBatch()
      for _ in 0..<1 + random.below(ArrivalBatch.capacity) {
        // Now and then deadlines come.
        time += random.chance(1) ? 60_000_000_000 : random.chance(3) ? -3_000_000 : 1_000_000
        let client = Endpoint(address: IPAddress(ipv4: 0x09FF_FF00 + UInt32(random.below(400))), port: 4000)
        let segment = Self.segment(from: client, &random, time)
        let interface = UInt8(random.below(2))
        single.receive(segment, interface: interface, at: time)
        atOnce.note(segment, interface: interface, at: time, in: &batch)
      }
      atOnce.receive(&batch)
      let (some, one) = (atOnce.list, single.list)
      #expect(some == one)
      guard atOnce.observer.eventsWithoutSerials == single.observer.eventsWithoutSerials else {
        Issue.record("told otherwise")
        return
      }
    }
    #expect(atOnce.tracker.evicted == single.tracker.evicted)
    #expect(atOnce.tracker.nextSerial == single.tracker.nextSerial)
    #expect(atOnce.observer.runs > 200 && single.observer.runs == 0 && atOnce.observer.longestRun == 8)
  }

  /// Mostly a SYN: some with what is odd about it, some with all options, and answers between them.
  private static func segment(from client: Endpoint, _ random: inout SplitMix, _ time: Int64) -> Segment {
    let isAnswer = random.chance(4)
    var segment = Segment(
      source: isAnswer ? Flooded.server : client,
      destination: isAnswer ? client : Flooded.server,
      sequence: SequenceNumber(UInt32(truncatingIfNeeded: time)),
      acknowledgment: SequenceNumber(0),
      flags: isAnswer ? .syn | .ack : random.chance(3) ? .rst : .syn
    )
    segment.window = random.chance(2) ? 0 : 1000
    return segment
  }

  /// Each is found again, and those that are left go in the order in which they came.
  @Test func theNewestAreLeft() {
    var flooded = Flooded(inOneStep: true)
    for number in 0..<100 as Range<UInt32> {
      let client = Endpoint(address: IPAddress(ipv4: 0x0B00_0000 + number), port: 4000)
      flooded.take(client, isAnswered: false, at: Int64(number) * 1_000_000)
    }
    #expect(flooded.tracker.connections.map(\.detail.serial).sorted() == Array(85...100))
    #expect(flooded.tracker.table.slotLimit == 16)
    for number in 84..<100 as Range<UInt32> {
      let client = Endpoint(address: IPAddress(ipv4: 0x0B00_0000 + number), port: 4000)
      let key = FlowKey.between(client, Flooded.server, scope: 0).key
      let view = flooded.tracker.table.connection(key, serial: UInt64(number) + 1)
      #expect(view?.client == client)
    }
    flooded.observer.events = []
    flooded.tracker.advance(to: Instant(nanoseconds: 1 << 40), observer: &flooded.observer)
    #expect(flooded.observer.events.map { $0.split(separator: " ")[1] } == (85...100).map { "\($0)" })
  }
}

private struct Flooded: ~Copyable {
  static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)
  var tracker: Tracker
  var observer: Watcher

  init(inOneStep: Bool) {
    var settings = TrackerSettings(capacity: 64)
    (settings.halfOpenCapacity, settings.unansweredCapacity) = (16, 16)
    tracker = Tracker(settings: settings)
    observer = Watcher(inOneStep: inOneStep)
  }

  mutating func take(_ client: Endpoint, isAnswered: Bool, at now: Int64) {
    take(client, Self.server, .syn, now)
    if isAnswered { take(Self.server, client, .syn | .ack, now + 1) }
  }

  mutating func receive(_ segment: Segment, interface: UInt8, at now: Int64) {
    let (moment, captured) = (Instant(nanoseconds: now), Timestamp(nanoseconds: now))
    tracker.receive(segment, interface: interface, at: moment, captured: captured, observer: &observer)
  }

  mutating func note(_ segment: Segment, interface: UInt8, at now: Int64, in batch: inout ArrivalBatch) {
    let number = batch.count
    batch[number].segment = segment
    batch[number].now = Instant(nanoseconds: now)
    batch[number].captured = Timestamp(nanoseconds: now)
    batch[number].notePayload(0)
    batch[number].note(interface, in: 0)
    tracker.recognize(&batch[number])
    batch.count = number + 1
  }

  mutating func receive(_ batch: inout ArrivalBatch) {
    tracker.seek(&batch)
    tracker.receive(&batch, before: Instant(nanoseconds: .max), RawSpan(), observer: &observer)
  }

  private mutating func take(_ source: Endpoint, _ destination: Endpoint, _ flags: TCPFlags, _ now: Int64) {
    let segment = Segment(
      source: source,
      destination: destination,
      sequence: SequenceNumber(UInt32(truncatingIfNeeded: now)),
      acknowledgment: SequenceNumber(flags.isACK ? 1 : 0),
      flags: flags
    )
    let (moment, captured) = (Instant(nanoseconds: now), Timestamp(nanoseconds: now))
    tracker.receive(segment, interface: 0, at: moment, captured: captured, observer: &observer)
  }

  /// Where each stands, and all that is known of it.
  var list: [String] {
    tracker.connections.map { "\($0.detail) \($0.flow) \($0.stay)" }
  }
}

private struct Watcher: ConnectionObserver {
  let inOneStep: Bool
  var events: [String] = []
  /// How many took the place of another in one step.
  var steps = 0
  /// How often some were told of at once, and how many at most.
  var runs = 0
  var longestRun = 0
  private var count: UInt32 = 0

  init(inOneStep: Bool) { self.inOneStep = inOneStep }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    count += 1
    events.append("opened \(client) \(standing)")
    return AccountKey(service: 1, peer: count)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    events.append("moved \(account) \(from) \(to)")
  }

  mutating func ranOut(_ account: AccountKey, serial: UInt64, _ side: LocalSide, isUnanswered: Bool) -> Bool {
    events.append("ranOut \(serial) \(account) \(side) \(isUnanswered)")
    return true
  }

  mutating func requested(
    _ ends: RequestEnds,
    _ side: LocalSide,
    inPlaceOf former: AccountKey,
    _ formerSide: LocalSide,
    formerSerial: UInt64,
    at now: Instant
  ) -> AccountKey? {
    guard inOneStep else { return nil }
    steps += 1
    _ = ranOut(former, serial: formerSerial, formerSide, isUnanswered: false)
    return requested(ends, side, at: now)
  }

  mutating func requested(_ run: inout MutableSpan<FloodRequest>, _ count: Int, _ side: LocalSide) -> Bool {
    guard inOneStep else { return false }
    runs += 1
    longestRun = max(longestRun, count)
    for number in 0..<count {
      _ = ranOut(run[number].account, serial: 0, side, isUnanswered: false)
      run[number].account = requested(run[number].ends, side, at: run[number].now)
    }
    return true
  }

  /// Where some are told of at once, those of the connections that go are not told.
  var eventsWithoutSerials: [String] {
    events.map { event in
      guard event.hasPrefix("ranOut ") else { return event }
      return event.split(separator: " ").filter { UInt64($0) == nil }.joined(separator: " ")
    }
  }

  var hearsOfLeaving: Bool { false }

  mutating func left(_ connection: ConnectionView) { events.append("left \(connection.detail.serial)") }
}
