import Testing

@testable import Monitoring

/// Whose turn it is at a frame is found without looking at what all shares have to say.
@Suite
struct FrameTurnsTests {
  @Test
  func `frames come in order, and who has something to tell`() {
    var turns = FrameTurns()
    turns.clear(frames: 200)
    Self.add([0, 63, 130], of: 2, to: &turns)
    Self.add([1, 64, 199], of: 0, to: &turns)
    #expect(Self.frames(&turns, before: 64) == [0, 1, 63])
    #expect(turns.next(before: 65).map { $0.turn } == .alone(share: 0, event: 1))
    #expect(turns.next(before: 200).map { $0.turn } == .alone(share: 2, event: 2))
    #expect(Self.frames(&turns, before: 200) == [199])
  }

  @Test
  func `frames of several are said to be so, and what was told before is forgotten`() {
    var turns = FrameTurns()
    turns.clear(frames: 100)
    Self.add([5, 70], of: 0, to: &turns)
    Self.add([6, 70], of: 1, to: &turns)
    Self.add([71], of: 2, to: &turns)
    turns.contest(71)
    #expect(turns.has(71) && !turns.has(72))
    #expect(turns.next(before: 6).map { $0.turn } == .alone(share: 0, event: 0))
    #expect(turns.next(before: 100).map { $0.turn } == .alone(share: 1, event: 0))
    #expect(turns.next(before: 100).map { $0.turn } == .contested)
    #expect(turns.next(before: 100).map { $0.turn } == .contested)
    #expect(turns.next(before: 100) == nil)
    Self.add([9], of: 0, to: &turns)
    turns.clear(frames: 90)
    #expect(turns.next(before: 100) == nil)
  }

  /// One event at each frame.
  private static func add(_ frames: [UInt32], of share: Int, to turns: inout FrameTurns) {
    let events = frames.enumerated().map { EventStrand.Turn(frame: $1, event: UInt32($0)) }
    turns.add(events.span, of: share)
  }

  private static func frames(_ turns: inout FrameTurns, before end: UInt32) -> [UInt32] {
    var frames: [UInt32] = []
    while let next = turns.next(before: end) { frames.append(next.frame) }
    return frames
  }
}
