import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// FINs where SYN, FIN and RST alone are seen: the short way comes to the same as the long one.
@Suite struct ControlOnlyCourseTests {
  @Test func changesWhatTheLongWayChanges() {
    var taken: [Course.Close: Int] = [:]
    var declined = 0
    for seed in 1...6000 { Self.compare(seed: UInt64(seed), &taken, &declined) }
    #expect(taken.count == 2 && taken.values.allSatisfy { $0 > 1000 } && declined > 1000, "\(taken), \(declined)")
  }

  private static func compare(seed: UInt64, _ taken: inout [Course.Close: Int], _ declined: inout Int) {
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
      if let (step, standings) = short.close(segment, from: sender, interface) {
        taken[step, default: 0] += 1
        #expect(standings.before == life.flow.standing && standings.after == long.flow.standing, "\(segment)")
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

  fileprivate mutating func close(
    _ segment: Segment,
    from sender: End,
    _ interface: UInt8
  ) -> (Course.Close, (before: Standing, after: Standing))? {
    guard segment.flags.isFIN, case .close(let step)? = Course.step(of: segment, from: sender, flow) else { return nil }
    var arrival = Arrival()
    arrival.segment = segment
    arrival.noteNarrow(interface)
    let (before, deadline) = (flow.standing, deadline)
    let isTaken = Course.lend(&flow, &detail, from: sender) { course in
      guard course.catchUp(&arrival) else { return false }
      return switch step {
      case .firstFIN:
        course.allowsFirstFIN(&arrival) && course.takeFirstFIN(&arrival, &rare.closing).closes
      case .secondFIN: course.takeSecondFIN(&arrival, &rare.closing, until: deadline) != nil
      default: false
      }
    }
    guard isTaken else { return nil }
    flow.assumeAcknowledgments()
    flow.noteQuiet(&detail)
    return (step, (before, flow.standing))
  }
}
