import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// What is taken quietly comes to the same as what is taken the long way.
@Suite struct QuietTests {
  @Test func changesWhatTheLongWayChanges() {
    let quiet = (1...60).reduce(0) { $0 + Self.compare(seed: $1) }
    #expect(quiet > 10_000)
  }

  /// Nothing is taken quietly by an end that is not established, and nobody asks.
  @Test(arguments: [Phase.closed, .finWait1, .timeWait, .closeWait, .synSent])
  func stopsWhenTheKernelSaysMore(phase: Phase) {
    var exchange = Exchange(seed: 1)
    while exchange.flow.quiet.allowNone {
      let (segment, sender, interface) = exchange.next()
      _ = exchange.flow.take(segment, from: sender, &exchange.detail, &exchange.rare)
      exchange.flow.noteQuiet(&exchange.detail)
      exchange.flow[interfaceOf: sender] = interface
    }
    for keepsPeer in [true, false] {
      var flow = exchange.flow
      flow.adopt(phase, of: .first, keepsPeer: keepsPeer)
      #expect(flow.quiet.allowNone)
    }
  }

  /// What idleness is counted in does not jump where time passes 1970, or a turn.
  @Test func millisecondsGoOn() {
    let turn = Int64(1_000_000) << 32
    for start in [0, turn, -turn, 1 << 62, -1 << 62] {
      for step in Int64(-3)...3 {
        let (before, after) = (start + step * 1_000_000, start + (step + 1) * 1_000_000)
        #expect(Instant(nanoseconds: after).milliseconds &- Instant(nanoseconds: before).milliseconds == 1)
      }
    }
    #expect(Instant(nanoseconds: 1_999_999).milliseconds == 1)
  }

  /// The last segment before the count begins anew is taken the long way, which counts that.
  @Test func countIsFullBeforeItCarries() throws {
    // The facts of a request stand where the count does.
    func end(_ packets: UInt32) -> FlowEnd {
      let facts = RequestFacts(timestamp: packets << (32 - FlowEnd.packetBits) | UInt32(FlowEnd.flagMask), bits: 0)
      return FlowEnd(facts, AccountKey(service: 0, peer: 0))
    }
    var sender = end(FlowEnd.packetMask - 1)
    let count = try #require(sender.nextCount)
    sender.take(count, .psh)
    #expect(sender.packets == FlowEnd.packetMask && sender.laterFlags == .ack | .psh)
    #expect(sender.nextCount == nil)
    #expect(sender.countPacket() && sender.packets == 0 && sender.laterFlags == .ack | .psh)
  }

  /// - Returns: how many segments were taken quietly.
  private static func compare(seed: UInt64) -> Int {
    var exchange = Exchange(seed: seed)
    var quiet = 0
    for _ in 0..<2_000 {
      let (segment, sender, interface) = exchange.next()
      var (short, long) = (exchange.flow, exchange.flow)
      var (shortDetail, detail, rare) = (exchange.detail, exchange.detail, exchange.rare)
      let standing = long.standing
      var arrival = Arrival()
      arrival.segment = segment
      arrival.noteNarrow(interface)
      (arrival.captured, arrival.now) = (short.lastPacket, Instant(nanoseconds: short.lastPacket.nanoseconds))
      #expect(arrival.sender == sender)
      let isQuiet = short.takeQuietly(&arrival, &shortDetail)
      let effect = long.take(segment, from: sender, &detail, &rare)
      long.noteQuiet(&detail)
      if isQuiet {
        quiet += 1
        #expect(octets(of: short) == octets(of: long), "\(segment)")
        #expect(octets(of: shortDetail) == octets(of: detail), "\(segment)")
        #expect(octets(of: exchange.rare.closing) == octets(of: rare.closing), "\(segment)")
        #expect(octets(of: exchange.rare.oddities) == octets(of: rare.oddities), "\(segment)")
        #expect(effect.anomalies == 0 && standing == long.standing)
      } else {
        #expect(octets(of: short) == octets(of: exchange.flow))
        #expect(octets(of: shortDetail) == octets(of: exchange.detail))
      }
      long[interfaceOf: sender] = interface
      (exchange.flow, exchange.detail, exchange.rare) = (long, detail, rare)
    }
    return quiet
  }
}

/// Two ends that send mostly what they should.
private struct Exchange {
  private var random: SplitMix
  private let endpoints: [Endpoint]
  private var opening = 0
  private let hasTimestamps: Bool
  private var clock = UInt32.max - 500
  var flow: Flow
  var detail: FlowDetail
  var rare = FlowRarities()

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    hasTimestamps = seed % 3 != 0
    let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40_000)
    let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)
    endpoints = [client, server]
    let key = FlowKey(first: client, second: server, scope: 0)
    flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
    detail = FlowDetail(serial: 1)
    if seed % 4 == 0 {
      flow.pickUp()
      opening = 3
    }
  }

  mutating func next() -> (Segment, End, UInt8) {
    let sender = opening < 3 ? (opening == 1 ? End.second : .first) : (random.chance(50) ? .first : .second)
    var segment = segment(from: sender)
    switch opening {
    // Close to the end of the sequence space, so that both ends pass it.
    case 0: open(&segment, .syn, at: 0xFFFF_E000)
    case 1: open(&segment, .syn | .ack, at: 0xFFFF_0000)
    default: if opening > 2 { disturb(&segment, of: sender) }
    }
    opening += 1
    return (segment, sender, random.chance(1) ? 1 : 0)
  }

  private mutating func segment(from sender: End) -> Segment {
    Segment(
      source: endpoints[sender.index],
      destination: endpoints[sender.other.index],
      sequence: flow[sender].next,
      acknowledgment: flow[sender.other].next,
      flags: .ack,
      payloadLength: random.chance(50) ? UInt32(random.below(3_000)) : 0,
      options: options()
    )
  }

  /// Two of three exchanges have timestamps, which go on, repeat, and now and then go back.
  private mutating func options() -> TCPOptions {
    var options = TCPOptions()
    guard hasTimestamps else { return options }
    clock = clock &+ UInt32(random.below(3)) &- (random.chance(2) ? 2 : 0)
    options.timestampValue = clock
    options.present.rawValue = random.chance(98) ? 8 : 0
    return options
  }

  private func open(_ segment: inout Segment, _ flags: TCPFlags, at number: UInt32) {
    segment.flags = flags
    segment.sequence = SequenceNumber(number)
    segment.payloadLength = 0
    segment.options.present.rawValue = 2
    segment.options.windowScale = 7
  }

  private mutating func disturb(_ segment: inout Segment, of sender: End) {
    guard random.chance(30) else { return }
    switch random.below(500) {
    case 0: segment.flags = .fin | .ack
    case 1: segment.flags = .rst
    case 2: segment.flags = .syn
    case 3..<60: segment.sequence = segment.sequence &+ UInt32(random.below(2_000))
    case 60..<150: segment.sequence = segment.sequence &- UInt32(random.below(2_000))
    case 150..<200: segment.acknowledgment = segment.acknowledgment &+ UInt32(random.below(3))
    case 200..<350: segment.acknowledgment = segment.acknowledgment &- UInt32(random.below(4_000))
    case 350..<400: segment.window = UInt16(random.below(2))
    case 400..<420: segment.checksum = .bad
    case 420..<440: segment.flags = TCPFlags(rawValue: UInt8(truncatingIfNeeded: random.next()) & 0xFA)
    case 440..<450: segment.payloadLength = UInt32(truncatingIfNeeded: random.next())
    case 450..<470: segment.payloadLength = 1
    default: segment.flags = .psh | .ack | .urg
    }
  }
}
