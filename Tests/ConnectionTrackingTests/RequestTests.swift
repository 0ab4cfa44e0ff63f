import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// A connection of which nothing but the SYN has come is kept otherwise than others, and nobody can tell.
@Suite struct RequestTests {
  @Test(
    "Made whole at once or when it is needed, all is told and listed alike",
    arguments: 1...6 as ClosedRange<UInt64>
  )
  func nobodyCanTell(seed: UInt64) {
    var late = Side(takesUnheard: seed % 2 == 0)
    var atOnce = Side(takesUnheard: seed % 2 == 0)
    var crowd = Crowd(seed: seed)
    var requests = 0
    var told: Set<Substring> = []
    for step in 0..<1500 {
      let act = crowd.next()
      let (events, expected) = (late.perform(act), atOnce.perform(act))
      atOnce.makeAllWhole()
      requests = max(requests, late.requests)
      told.formUnion(events.map { $0.prefix { $0 != " " } })
      guard events == expected, late.counts == atOnce.counts else {
        Issue.record("step \(step), \(act): \(events) is not \(expected)")
        return
      }
      guard step % 40 == 0 else { continue }
      #expect(late.list == atOnce.list)
      #expect(late.waiting == atOnce.waiting)
    }
    #expect(requests > 3 && late.tracker.evicted > 20)
    #expect(told.isSuperset(of: ["opened", "moved", "handshake", "meets", seed % 2 == 0 ? "ranOut" : "left"]))
  }

  @Test("A lone SYN has no detail, and its answer gives it one")
  func loneSYNsHaveNoDetail() {
    var side = Side(takesUnheard: true)
    let client = Endpoint(address: IPAddress(ipv4: 0x0B00_0001), port: 4000)
    _ = side.perform(.segment(Crowd.segment(client, Crowd.server, .syn, 7), interface: 0, pause: 1))
    let untouched = side.tracker.table.detail(at: Slot(0)).serial
    #expect(untouched == 0 && side.tracker.trackedCount == 1 && side.requests == 1)
    _ = side.perform(.segment(Crowd.segment(Crowd.server, client, .syn | .ack, 9, 8), interface: 0, pause: 1))
    let written = side.tracker.table.detail(at: Slot(0)).serial
    #expect(written == 1 && side.tracker.trackedCount == 1 && side.requests == 0)
    #expect(side.list.count == 1 && side.tracker.connections[0].standing.serverPhase == .synReceived)
  }

  @Test("Answered at once it is the same as made whole and answered then", arguments: 1...400 as ClosedRange<UInt64>)
  func answeredAtOnce(seed: UInt64) {
    var generator = SplitMix(state: seed)
    let client = Endpoint(address: IPAddress(ipv4: generator.chance(50) ? 0x0900_0001 : 0x0B00_0001), port: 4000)
    func arrival(_ source: Endpoint, _ flags: TCPFlags, acknowledging number: UInt32, at moment: Int64) -> Arrival {
      var arrival = Arrival()
      arrival.segment = Crowd.segment(source, source == client ? Crowd.server : client, flags, 7, number)
      arrival.segment.window = UInt16(generator.below(65_536))
      arrival.segment.options.present.rawValue = UInt8(generator.below(16))
      arrival.segment.options.windowScale = UInt8(generator.below(18))
      arrival.segment.options.timestampValue = UInt32(generator.below(10))
      (arrival.now, arrival.captured) = (Instant(nanoseconds: moment), Timestamp(nanoseconds: moment + 5))
      arrival.noteNarrow(UInt8(generator.below(2)))
      return arrival
    }
    var syn = arrival(client, .syn, acknowledging: 0, at: 3_000_000)
    var answer = arrival(Crowd.server, .syn | .ack, acknowledging: 8, at: 9_000_000)
    var whole = Flow(0, 0, syn.now, syn.captured)
    let account = AccountKey(service: 3, peer: 5)
    let isPartial = generator.chance(50)
    unsafe Flow.beginRequest(at: &whole, &syn, .unknown, account, isPartial: isPartial)
    var (atOnce, detail, detailAtOnce) = (whole, FlowDetail(serial: 0), FlowDetail(serial: 0))
    whole.makeWhole(&detail, serial: 11)
    Course.lend(&whole, &detail, from: answer.sender) { course in
      let isAllowed = course.allowsAnswer(&answer)
      #expect(isAllowed)
      course.answer(&answer, isControlOnly: false)
      course.noteTime(&answer)
    }
    whole.noteQuiet(&detail)
    atOnce.makeWhole(&detailAtOnce, serial: 11, answeredBy: answer.sender, &answer)
    #expect(octets(of: atOnce) == octets(of: whole))
    #expect(octets(of: detailAtOnce) == octets(of: detail))
  }

  @Test("A cache line, and less than half of one")
  func areSmall() {
    #expect(MemoryLayout<Flow>.stride == 64 && MemoryLayout<Stay>.stride == 24)
  }
}

/// What happens to both.
private enum Act {
  case segment(Segment, interface: UInt8, pause: Int64)
  case unreachable(Segment)
  case found(SocketEntry)
  case controlOnly(Bool)
  case time(Int64)
}

/// Few clients of one service, which is local, with what strangers send.
private struct Crowd {
  private var generator: SplitMix
  static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  init(seed: UInt64) { generator = SplitMix(state: seed) }

  mutating func next() -> Act {
    let client = client()
    switch generator.below(100) {
    case ..<3: return .time(Int64(generator.below(90)) * 1_000_000_000)
    case ..<5: return .unreachable(Self.segment(client, Self.server, .syn, number()))
    case 5: return .controlOnly(generator.chance(30))
    case ..<9:
      let phase: Phase = generator.chance(50) ? .synReceived : .established
      return .found(SocketEntry(local: Self.server, remote: client, phase: phase, role: .server))
    default:
      let isAnswer = generator.chance(25)
      let (source, destination) = isAnswer ? (Self.server, client) : (client, Self.server)
      var segment = Self.segment(source, destination, flags(isAnswer: isAnswer), number(), number())
      segment.payloadLength = generator.chance(5) ? 10 : 0
      segment.window = generator.chance(3) ? 0 : UInt16(generator.below(65_536))
      segment.scope = generator.chance(3) ? 5 : 0
      if generator.chance(50) { segment.options = options() }
      let pause = generator.chance(2) ? 6_000_000_000 : Int64(generator.below(400_000_000))
      return .segment(segment, interface: generator.chance(5) ? 1 : 0, pause: pause)
    }
  }

  static func segment(
    _ source: Endpoint,
    _ destination: Endpoint,
    _ flags: TCPFlags,
    _ sequence: UInt32,
    _ acknowledgment: UInt32 = 0
  ) -> Segment {
    Segment(
      source: source,
      destination: destination,
      sequence: SequenceNumber(sequence),
      acknowledgment: SequenceNumber(acknowledgment),
      flags: flags
    )
  }

  /// On both sides of the server's in the order of ends; some with IPv6 or on this host.
  private mutating func client() -> Endpoint {
    let port = UInt16(40_000 + generator.below(3))
    switch generator.below(20) {
    case 0: return Endpoint(address: IPAddress(high: 0x2001_0DB8 << 32, low: 1), port: port)
    case 1: return Endpoint(address: Self.server.address, port: port)
    default: return Endpoint(address: IPAddress(ipv4: 0x09FF_FFF8 + UInt32(generator.below(14))), port: port)
    }
  }

  /// So few that acknowledgments often are of what was sent.
  private mutating func number() -> UInt32 { [1, 2, 2, 3, 0xFFFF_FFFF][generator.below(5)] }

  private mutating func flags(isAnswer: Bool) -> TCPFlags {
    if isAnswer { return [.syn | .ack, .syn | .ack, .rst | .ack, .ack, .syn][generator.below(5)] }
    let others: [TCPFlags] = [.ack, .rst, .fin | .ack, .syn | .fin, TCPFlags(rawValue: 0xC2), .ack]
    return generator.chance(70) ? .syn : others[generator.below(others.count)]
  }

  private mutating func options() -> TCPOptions {
    var options = TCPOptions()
    options.timestampValue = UInt32(generator.below(100))
    options.windowScale = UInt8(generator.below(15))
    options.present = TCPOptions.Present(rawValue: UInt8(generator.below(16)))
    return options
  }
}

/// A tracker, and what it tells.
private struct Side: ~Copyable {
  var tracker: Tracker
  var teller: Teller
  private var now: Int64 = 1 << 50

  init(takesUnheard: Bool) {
    var settings = TrackerSettings(capacity: 24)
    (settings.halfOpenCapacity, settings.unansweredCapacity) = (14, 9)
    settings.change(0) { $0.localAddresses = LocalAddresses(addresses: [Crowd.server.address], networks: []) }
    tracker = Tracker(settings: settings)
    tracker.rememberSegments(limit: 100)
    teller = Teller(takesUnheard: takesUnheard)
  }

  /// - Returns: what is told of it, in order.
  mutating func perform(_ act: Act) -> [String] {
    teller.events = []
    take(act)
    // Then connections are gone through where they stand.
    if case .controlOnly = act { return teller.events.sorted() }
    return teller.events
  }

  private mutating func take(_ act: Act) {
    switch act {
    case .segment(let segment, let interface, let pause):
      now += pause
      // Packets' own time goes back now and then.
      let captured = Timestamp(nanoseconds: pause % 7 == 0 ? now - 3_000_000_000 : now)
      tracker.receive(segment, interface: interface, at: moment, captured: captured, observer: &teller)
    case .unreachable(let quoted):
      tracker.noteICMPError(.hostUnreachable, quoting: quoted, interface: 0, observer: &teller)
    case .found(let entry):
      let reading = TableReading(number: 2, began: moment)
      let time = Timestamp(nanoseconds: now)
      _ = tracker.compare(entry, in: reading, at: moment, time: time, observer: &teller)
    case .controlOnly(true): tracker.beginControlOnly(at: moment, observer: &teller)
    case .controlOnly(false): tracker.endControlOnly(at: Timestamp(nanoseconds: now))
    case .time(let pause):
      now += pause
      tracker.advance(to: moment, observer: &teller)
    }
  }

  mutating func makeAllWhole() {
    for number in 0..<tracker.table.slotLimit where tracker.table.isRequest(Slot(number)) {
      tracker.table.makeWhole(Slot(number))
    }
  }

  private var moment: Instant { Instant(nanoseconds: now) }

  var requests: Int {
    (0..<tracker.table.slotLimit).count { tracker.table.isRequest(Slot($0)) }
  }

  var counts: [Int] {
    mutating get {
      [
        tracker.trackedCount, tracker.halfOpenCount, tracker.unansweredCount, tracker.evicted, Int(tracker.nextSerial),
        Int(tracker.dueNext.nanoseconds),
      ] + Anomaly.allCases.map { tracker.anomalies[$0] } + [tracker.duplicates.reduce(0, +)]
    }
  }

  var list: [String] {
    tracker.connections.map { "\(Self.text($0)), \(tracker.sequence(of: $0)?.segments.count ?? -1)" }.sorted()
  }

  static func text(_ view: ConnectionView) -> String {
    var text = "\(view.detail.serial) \(view.client) \(view.server) \(view.standing) \(view.history) \(view.connState)"
    text += " \(view.start) \(view.flow.lastPacket) \(view.flow.lastSeen) \(view.flow.queue)"
    // With nothing to wait for it is a number in no particular order among those that came there at once.
    if view.flow.queue != .open { text += " \(view.stay.deadline)" }
    text +=
      " \(view.detail.account) \(view.isPartial) \(view.detail.isUnreachable) \(view.detail.handshakeMicroseconds)"
    for end in [End.first, .second] {
      text += " \(view.flow[end]) \(view.detail[end]) \(view.rarities.closing[end]) \(view.rarities.oddities[end])"
    }
    return text + " \(view.flow.traits) \(view.flow.firstInterface) \(view.flow.secondInterface) \(view.flow.quiet)"
  }

  /// In an order of its own.
  var waiting: [String] {
    mutating get {
      var waiting: [String] = []
      var next: UInt32? = 0
      while let first = next {
        next = tracker.forEachWaiting(from: first, count: 5, at: moment) { waiting.append("\($0)") }
      }
      return waiting.sorted()
    }
  }
}

/// Writes down what it is told.
private struct Teller: ConnectionObserver {
  let takesUnheard: Bool
  var events: [String] = []
  private var count: UInt32 = 0

  init(takesUnheard: Bool) { self.takesUnheard = takesUnheard }

  mutating func meets(_ deadline: Instant, ofQueue number: UInt8) { events.append("meets \(deadline) \(number)") }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    count += 1
    events.append("opened \(count) \(client) \(server) \(standing)")
    return AccountKey(service: count, peer: count % 3)
  }

  mutating func answered(_ account: AccountKey, client: Endpoint, server: Endpoint, _ standing: Standing) -> AccountKey
  {
    events.append("answered \(account) \(client) \(server) \(standing)")
    return AccountKey(service: account.service, peer: 9)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    events.append("moved \(account) \(from) \(to)")
  }

  mutating func handshake(_ account: AccountKey, _ event: HandshakeEvent) {
    events.append("handshake \(account) \(event)")
  }

  mutating func ranOut(_ account: AccountKey, serial: UInt64, _ side: LocalSide, isUnanswered: Bool) -> Bool {
    guard takesUnheard else { return false }
    let standing = Standing.unanswered(side)
    events.append("ranOut \(account) \(serial) \(standing) \(isUnanswered)")
    return true
  }

  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool {
    events.append("unheard \(account) \(serial) \(isUnanswered)")
    return true
  }

  mutating func ended(_ connection: ConnectionView) { events.append("ended \(Side.text(connection))") }

  var hearsOfLeaving: Bool { !takesUnheard }

  mutating func left(_ connection: ConnectionView) { events.append("left \(Side.text(connection))") }
}
