import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// SYN-ACKs and FINs where SYN, FIN and RST alone are seen: the short way comes to the same as the long one.
@Suite struct ControlOnlyCourseTests {
  @Test func changesWhatTheLongWayChanges() {
    var taken: [RegularStep: Int] = [:]
    var declined = 0
    for seed in 1...6000 { Self.compare(seed: UInt64(seed), &taken, &declined) }
    #expect(Set(taken.keys) == Set(RegularStep.allCases.compactMap(\.withUnseenACK)))
    #expect(taken.values.allSatisfy { $0 > 1000 } && declined > 1000, "\(taken), \(declined)")
  }

  private static func compare(seed: UInt64, _ taken: inout [RegularStep: Int], _ declined: inout Int) {
    var (life, random) = (RegularLife(seed: seed), SplitMix(state: seed))
    while let (next, sender, interface) = life.next() {
      var segment = next
      guard segment.flags.isControl else { continue }
      // Each FIN comes after octets that went unseen: so few that the numbers do not pass 2^32, or more.
      let unseen: [UInt32] = [0, 3, 5, 5000, 0x9000_0000]
      if segment.flags.isFIN, !life.flow[sender].marks.sentFIN {
        segment.sequence = segment.sequence &+ unseen[Int(random.below(5))]
      }
      if segment.flags.isFIN, !life.flow[sender.other].marks.sentFIN {
        segment.acknowledgment = segment.acknowledgment &+ unseen[Int(random.below(5))]
      }
      var (short, long) = (life, life)
      let effect = long.takeTheLongWay(segment, from: sender, interface)
      if let step = short.take(segment, from: sender, interface) {
        taken[step, default: 0] += 1
        let side = life.flow.localSide
        #expect(step.before(side) == life.flow.standing && step.after(side) == long.flow.standing, "\(segment)")
        #expect(effect.anomalies == 0, "\(segment)")
      } else {
        // Where both ends were put is where the long way puts them.
        if segment.flags.isFIN { declined += 1 }
        _ = short.takeTheLongWay(segment, from: sender, interface)
      }
      #expect(octets(of: short.flow) == octets(of: long.flow), "\(segment)")
      #expect(octets(of: short.detail) == octets(of: long.detail), "\(segment)")
      #expect(octets(of: short.rare.closing) == octets(of: long.rare.closing), "\(segment)")
      #expect(octets(of: short.rare.oddities) == octets(of: long.rare.oddities), "\(segment)")
      life = long
    }
  }
}

extension RegularLife {
  fileprivate mutating func takeTheLongWay(_ segment: Segment, from sender: End, _ interface: UInt8) -> SegmentEffect {
    let effect = flow.take(segment, from: sender, &detail, &rare, isControlOnly: true)
    flow.armTimeWait(effect, from: sender, &rare.closing, until: deadline)
    flow[interfaceOf: sender] = interface
    flow.noteQuiet(&detail)
    return effect
  }

  /// Of the sender, an answer or a FIN with the ACK of it.
  fileprivate mutating func take(_ segment: Segment, from sender: End, _ interface: UInt8) -> RegularStep? {
    let course = Course.step(of: segment, from: sender, flow)
    var arrival = Arrival()
    arrival.segment = segment
    arrival.noteNarrow(interface)
    let (deadline, waitsForACK) = (deadline, flow[sender.other].phase == .finWait1)
    let taken: RegularStep? = Course.lend(&flow, &detail, from: sender) { ends in
      let step: RegularStep?
      switch course {
      case .answer:
        guard ends.allowsAnswer(&arrival) else { return nil }
        ends.answer(&arrival, isControlOnly: true)
        return .answerAndUnseenACK
      case .close(let close) where segment.flags.isFIN && !waitsForACK:
        guard ends.catchUp(&arrival) else { return nil }
        switch close {
        case .firstFIN: step = ends.allowsFirstUnseenFIN(&arrival) ? ends.takeFirstFIN(&arrival, &rare.closing) : nil
        case .secondFIN: step = ends.takeSecondFIN(&arrival, &rare.closing, until: deadline)
        default: return nil
        }
      default: return nil
      }
      return step.map { ends.assumeAcknowledgment(of: $0) }
    }
    if taken != nil { flow.noteQuiet(&detail) }
    return taken
  }
}
