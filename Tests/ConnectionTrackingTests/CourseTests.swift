import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What is taken in the regular course comes to the same as what is taken the long way.
@Suite struct CourseTests {
  @Test func changesWhatTheLongWayChanges() {
    var taken: [String: Int] = [:]
    for seed in 1...3000 { Self.compare(seed: UInt64(seed), &taken) }
    #expect(taken.values.reduce(0, +) > 10_000)
    #expect(taken.count == 7 && taken.values.allSatisfy { $0 > 100 }, "\(taken)")
  }

  /// - Parameter taken: how many segments were taken the short way, by their step.
  private static func compare(seed: UInt64, _ taken: inout [String: Int]) {
    var life = RegularLife(seed: seed)
    while let (segment, sender, interface) = life.next() {
      var (short, long) = (life.flow, life.flow)
      var (shortDetail, detail) = (life.detail, life.detail)
      var (shortRare, rare) = (life.rare, life.rare)
      let standings = takeInCourse(
        &short,
        &shortDetail,
        &shortRare.closing,
        segment,
        from: sender,
        interface,
        until: life.deadline
      )
      let effect = long.take(segment, from: sender, &detail, &rare)
      if let standings {
        taken[String(describing: Course.step(of: segment, from: sender, life.flow)), default: 0] += 1
        #expect(standings.before == life.flow.standing && standings.after == long.standing, "\(segment)")
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
  ) -> Tracker.Standings? {
    let (step, before) = (Course.step(of: segment, from: sender, flow), flow.standing)
    var arrival = Arrival()
    arrival.segment = segment
    arrival.noteNarrow(interface)
    return Course.lend(&flow, &detail, from: sender) { course in
      switch step {
      case .answer: course.answer(&arrival, isControlOnly: false) ? (before, course.flow.standing) : nil
      case .acknowledgment: course.acknowledge(&arrival) ? (before, course.flow.standing) : nil
      case .close(.firstFIN): course.allowsFirstFIN(&arrival) ? course.takeFirstFIN(&arrival, &closing) : nil
      case .close(.acknowledgment): course.takeFirstAcknowledgment(&arrival, &closing)
      case .close(.secondFIN): course.takeSecondFIN(&arrival, &closing, until: deadline)
      case .close(.lastAcknowledgment): course.takeLastAcknowledgment(&arrival, &closing, until: deadline)
      case .close(.goingOn): course.goOn(&arrival, &closing)
      case nil: nil
      }
    }
  }
}
