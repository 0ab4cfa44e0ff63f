import PacketDecoding
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
    // All but the ends of TIME_WAIT, which no segment brings, and those with ACKs that are not seen.
    let others = RegularStep.allCases.compactMap(\.withUnseenACK) + [.clientLeaves, .serverLeaves]
    #expect(Set(steps.keys) == Set(RegularStep.allCases).subtracting(others))
    #expect(steps.values.allSatisfy { $0 > 20 }, "\(steps)")
  }

  /// - Parameters:
  ///   - taken: how many segments were taken the short way, by what they seemed to be.
  ///   - steps: how many of them moved the connection, and how.
  private static func compare(seed: UInt64, _ taken: inout [String: Int], _ steps: inout [RegularStep: Int]) {
    var life = RegularLife(seed: seed)
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
        // The step that is awaited next, too.
        long.noteQuiet(&detail)
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
    arrival.segment = segment
    arrival.noteNarrow(interface)
    return Course.lend(&flow, &detail, from: sender) { course in
      switch step {
      case .answer:
        guard course.allowsAnswer(&arrival) else { return nil }
        course.answer(&arrival, isControlOnly: false)
        course.wait(for: .handshakeAcknowledgment, from: sender.other)
        return .moved(.answer)
      case .acknowledgment:
        if course.completeHandshake(&arrival) { return .moved(.acknowledgment) }
        return course.acknowledge(&arrival).map { $0 ? .moved(.acknowledgment) : .stayed }
      case .close(.firstFIN):
        return course.allowsFirstFIN(&arrival) ? .moved(course.takeFirstFIN(&arrival, &closing)) : nil
      case .close(.acknowledgment): return course.takeFirstAcknowledgment(&arrival, &closing).map(Outcome.moved)
      case .close(.secondFIN): return course.takeSecondFIN(&arrival, &closing, until: deadline).map(Outcome.moved)
      case .close(.lastAcknowledgment):
        var deadline = deadline
        return course.takeLastAcknowledgment(&arrival, &closing, until: &deadline).map(Outcome.moved)
      case .close(.goingOn): return course.goOn(&arrival, &closing) ? .stayed : nil
      case nil: return nil
      }
    }
  }

  private enum Outcome {
    case moved(RegularStep)
    case stayed
  }
}
