import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What is missing of a stream, against a set of octets.
@Suite struct MissingRangesTests {
  /// Steps: `+a-b` a hole opens, `a-b` arrives late, `?n` is acknowledged, with `!` when that is a gap.
  @Test(arguments: [
    "+10-20 ?10 ?15! ?20!",
    "+10-20 ?20! ?30",
    "+10-20 10-20 ?20",
    "+10-20 10-15 ?15 ?20!",
    "+10-20 15-20 ?15! ?30",
    "+10-20 12-14 ?14! ?20!",
    "+10-20 5-25 ?20",
    "+10-20 +30-40 30-40 10-20 ?50",
    "+10-20 +30-40 10-20 ?25 ?40!",
    "+10-20 +30-40 ?50!",
    "+10-20 +20-30 10-30 ?30",
    // The third hole makes the second coarse: what is left of it proves nothing.
    "+10-20 +30-40 +50-60 10-20 30-40 50-60 ?60",
    "+10-20 +30-40 +50-60 ?20! ?60",
  ])
  func story(_ script: String) throws {
    for start in [UInt32(1000), UInt32.max - 25] {
      var missing = MissingRanges()
      let at = { (number: UInt32) in SequenceNumber(start &+ number) }
      for step in script.split(separator: " ") {
        let numbers = step.split { "+-?!".contains($0) }.compactMap { UInt32($0) }
        if step.first == "+" {
          missing.add(from: at(numbers[0]), to: at(numbers[1]))
        } else if step.first == "?" {
          let isGap = missing.acknowledge(upTo: at(numbers[0]))
          #expect(isGap == (step.last == "!"), "\(step) of \(script)")
        } else {
          let isFilled = missing.fill(from: at(numbers[0]), to: at(numbers[1]))
          #expect(isFilled)
        }
      }
      #expect(missing.isEmpty)
    }
  }

  @Test func whatIsNotMissingFillsNothing() {
    var missing = MissingRanges()
    missing.add(from: SequenceNumber(10), to: SequenceNumber(20))
    let before = missing.fill(from: SequenceNumber(1), to: SequenceNumber(10))
    let after = missing.fill(from: SequenceNumber(20), to: SequenceNumber(30))
    #expect(!before && !after && !missing.isEmpty)
  }
}
