import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What a segment is foreseen to be is what it is, as a rule.
@Suite struct ForeseenStepTests {
  @Test func foreseesTheStepsOfTheCourse() {
    var foreseen: [ForeseenStep: Int] = [:]
    // Of a life some is odd.
    var (steps, missed) = (0, 0)
    for seed in 1...2000 {
      var life = RegularLife(seed: UInt64(seed))
      while let (segment, sender, interface) = life.next() {
        var arrival = Arrival()
        arrival.segment = segment
        arrival.noteNarrow(interface)
        let guess = ForeseenStep(&arrival, from: sender, &life.flow)
        foreseen[guess, default: 0] += 1
        if let expected = Self.case(of: segment, from: sender, life.flow) {
          steps += 1
          missed += guess == expected ? 0 : 1
        }
        let effect = life.flow.take(segment, from: sender, &life.detail, &life.rare)
        life.flow.armTimeWait(effect, from: sender, &life.rare.closing, until: life.deadline)
        life.flow[interfaceOf: sender] = interface
        life.flow.noteQuiet(&life.detail)
      }
    }
    #expect(steps > 5000 && missed * 10 < steps, "\(missed) of \(steps)")
    for step in ForeseenStep.allCases where step != .spareByFirst && step != .spareBySecond {
      // The first end of a life is its client.
      let isOfSide = step == .answerByFirst || step == .acknowledgmentBySecond
      #expect(isOfSide || foreseen[step, default: 0] > 50, "\(step)")
    }
    #expect(foreseen[.spareByFirst] == nil && foreseen[.spareBySecond] == nil)
  }

  /// Nil for what has no function of its own.
  private static func `case`(of segment: Segment, from sender: End, _ flow: Flow) -> ForeseenStep? {
    let isFirst = sender == .first
    return switch Course.step(of: segment, from: sender, flow) {
    case .answer: isFirst ? .answerByFirst : .answerBySecond
    case .acknowledgment:
      flow.quiet.allowNone ? isFirst ? .acknowledgmentByFirst : .acknowledgmentBySecond : nil
    case .close(.firstFIN): isFirst ? .firstFINByFirst : .firstFINBySecond
    case .close(.acknowledgment): isFirst ? .firstAcknowledgmentByFirst : .firstAcknowledgmentBySecond
    case .close(.secondFIN): isFirst ? .secondFINByFirst : .secondFINBySecond
    case .close(.lastAcknowledgment): isFirst ? .lastAcknowledgmentByFirst : .lastAcknowledgmentBySecond
    case .close(.goingOn), nil: nil
    }
  }
}
