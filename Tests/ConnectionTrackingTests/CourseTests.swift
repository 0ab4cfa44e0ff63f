import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// What is taken in the regular course comes to the same as what is taken the long way.
@Suite struct CourseTests {
  @Test func changesWhatTheLongWayChanges() {
    var taken: [String: Int] = [:]
    var steps: [RegularStep: Int] = [:]
    for seed in 1...3000 { Self.compare(seed: UInt64(seed), &taken, &steps) }
    #expect(taken.values.reduce(0, +) > 10_000)
    #expect(taken.count == 7 && taken.values.allSatisfy { $0 > 100 }, "\(taken)")
    // All but the ends of TIME_WAIT, which no segment brings.
    #expect(steps.count == RegularStep.allCases.count - 2 && steps.values.allSatisfy { $0 > 20 }, "\(steps)")
  }

  /// - Parameters:
  ///   - taken: how many segments were taken the short way, by what they seemed to be.
  ///   - steps: how many of them moved the connection, and how.
  private static func compare(seed: UInt64, _ taken: inout [String: Int], _ steps: inout [RegularStep: Int]) {
    var life = Life(seed: seed)
    while let (segment, sender, interface) = life.next() {
      var (short, long) = (life.flow, life.flow)
      var (shortDetail, detail) = (life.detail, life.detail)
      var (shortRare, rare) = (life.rare, life.rare)
      let outcome = takeInCourse(
        &short,
        &shortDetail,
        &shortRare.closing,
        segment,
        from: sender,
        interface,
        until: life.deadline
      )
      let effect = long.take(segment, from: sender, &detail, &rare)
      if let outcome {
        taken[String(describing: Course.step(of: segment, from: sender, life.flow)), default: 0] += 1
        if case .moved(let step) = outcome {
          steps[step, default: 0] += 1
          #expect(step.before(long.localSide) == life.flow.standing, "\(segment)")
          #expect(step.after(long.localSide) == long.standing, "\(segment)")
        } else {
          #expect(life.flow.standing == long.standing, "\(segment)")
        }
        long.armTimeWait(effect, from: sender, &rare.closing, until: life.deadline)
        long[interfaceOf: sender] = interface
        #expect(octets(of: short) == octets(of: long), "\(segment)")
        #expect(octets(of: shortDetail) == octets(of: detail), "\(segment)")
        #expect(octets(of: shortRare.closing) == octets(of: rare.closing), "\(segment)")
        #expect(octets(of: shortRare.oddities) == octets(of: rare.oddities), "\(segment)")
        #expect(effect.anomalies == 0, "\(segment)")
      } else {
        #expect(octets(of: short) == octets(of: life.flow), "\(segment)")
        #expect(octets(of: shortDetail) == octets(of: life.detail), "\(segment)")
        #expect(octets(of: shortRare.closing) == octets(of: life.rare.closing), "\(segment)")
        #expect(octets(of: shortRare.oddities) == octets(of: life.rare.oddities), "\(segment)")
        long[interfaceOf: sender] = interface
        long.armTimeWait(effect, from: sender, &rare.closing, until: life.deadline)
      }
      long.noteQuiet(&detail)
      (life.flow, life.detail, life.rare) = (long, detail, rare)
    }
  }

  private static func takeInCourse(
    _ flow: inout Flow,
    _ detail: inout FlowDetail,
    _ closing: inout FlowClosing,
    _ segment: Segment,
    from sender: End,
    _ interface: UInt8,
    until deadline: Instant
  ) -> Outcome? {
    let step = Course.step(of: segment, from: sender, flow)
    var arrival = Arrival()
    (arrival.segment, arrival.interface) = (segment, interface)
    return Course.lend(&flow, &detail, from: sender) { course in
      switch step {
      case .answer: course.answer(&arrival, isControlOnly: false) ? .moved(.answer) : nil
      case .acknowledgment: course.acknowledge(&arrival).map { $0 ? .moved(.acknowledgment) : .stayed }
      case .close(.firstFIN): course.allowsFirstFIN(&arrival) ? .moved(course.takeFirstFIN(&arrival, &closing)) : nil
      case .close(.acknowledgment): course.takeFirstAcknowledgment(&arrival, &closing).map(Outcome.moved)
      case .close(.secondFIN): course.takeSecondFIN(&arrival, &closing, until: deadline).map(Outcome.moved)
      case .close(.lastAcknowledgment):
        course.takeLastAcknowledgment(&arrival, &closing, until: deadline).map(Outcome.moved)
      case .close(.goingOn): course.goOn(&arrival, &closing) ? .stayed : nil
      case nil: nil
      }
    }
  }

  private enum Outcome {
    case moved(RegularStep)
    case stayed
  }
}

/// A connection from SYN to the last ACK, in which now and then something is odd.
private struct Life {
  private var random: SplitMix
  private var step = 0
  private let closer: End
  private let hasTimestamps: Bool
  private var clock: UInt32 = 1000
  var flow: Flow
  var detail: FlowDetail
  var rare = FlowRarities()
  /// Of a TIME_WAIT that begins with the next segment.
  var deadline: Instant { Instant(nanoseconds: Int64(step) * 1_000_000_000 + 60_000_000_000) }

  private static let endpoints = [40_000, 80].map { port in
    Endpoint(address: IPAddress(ipv4: 0x0A00_0001 + UInt32(port)), port: UInt16(port))
  }

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    closer = random.chance(50) ? .first : .second
    hasTimestamps = random.chance(50)
    let key = FlowKey(first: Self.endpoints[0], second: Self.endpoints[1], scope: 0)
    flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
    detail = FlowDetail(serial: 1)
    if random.chance(10) {
      flow.pickUp()
      step = 3
    }
  }

  /// Nil when it is over.
  mutating func next() -> (Segment, End, UInt8)? {
    defer { step += 1 }
    let plain = TCPFlags.ack
    let (sender, flags): (End, TCPFlags)
    switch step {
    case 0: (sender, flags) = (.first, .syn)
    case 1: (sender, flags) = (.second, .syn | .ack)
    case 2: (sender, flags) = (.first, plain)
    case 3, 5: (sender, flags) = (.first, plain)
    case 4: (sender, flags) = (.second, plain)
    case 6: (sender, flags) = (closer, .fin | .ack)
    case 7, 10: (sender, flags) = (closer.other, plain)
    case 8: (sender, flags) = (closer.other, .fin | .ack)
    case 9: (sender, flags) = (closer, plain)
    default: return nil
    }
    var segment = Segment(
      source: Self.endpoints[sender.index],
      destination: Self.endpoints[sender.other.index],
      sequence: step < 2 ? SequenceNumber(0xFFFF_FFF0) : flow[sender].next,
      acknowledgment: flow[sender.other].next,
      flags: flags,
      payloadLength: (3...5).contains(step) && random.chance(50) ? UInt32(1 + random.below(100)) : 0
    )
    clock &+= UInt32(random.below(3))
    segment.options.timestampValue = clock
    segment.options.windowScale = 7
    segment.options.present.rawValue = (hasTimestamps ? 8 : 0) | (flags.isSYN && random.chance(80) ? 2 : 0)
    if random.chance(15) { disturb(&segment) }
    return (segment, sender, random.chance(3) ? 1 : 0)
  }

  private mutating func disturb(_ segment: inout Segment) {
    switch random.below(9) {
    case 0: segment.sequence = segment.sequence &+ UInt32(random.below(3)) &- 1
    case 1: segment.acknowledgment = segment.acknowledgment &+ UInt32(random.below(5)) &- 2
    case 2: segment.flags = .rst | .ack
    case 3: segment.flags = segment.flags | .fin
    case 4: segment.window = 0
    case 5: segment.payloadLength += 1
    case 6: segment.checksum = .bad
    case 7: segment.options.timestampValue = clock &- 5
    default: segment.flags = .syn | .ack
    }
  }
}
