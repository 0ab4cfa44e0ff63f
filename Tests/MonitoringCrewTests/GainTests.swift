import Testing

@testable import MonitoringCrew

/// The first frames show where several threads gain nothing.
@Suite
struct GainTests {
  /// 2048 frames, as blocks have them.
  private static func blocks(_ count: Int, opening: Int, sharing: Int, taking: Int) -> Gain {
    var gain = Gain()
    for number in 1...count {
      gain.note(Gain.Measure(frames: 2048, opened: number * opening, sharing: sharing, taking: taking))
    }
    return gain
  }

  @Test
  func `where taking frames is little more than sharing them out`() {
    #expect(Self.blocks(64, opening: 1, sharing: 40, taking: 90).isLost)
    #expect(!Self.blocks(63, opening: 1, sharing: 40, taking: 90).isLost)
    #expect(!Self.blocks(96, opening: 1, sharing: 40, taking: 110).isLost)
  }

  @Test
  func `the very first do not count`() {
    var gain = Self.blocks(32, opening: 1, sharing: 400, taking: 100)
    for _ in 0..<96 { gain.note(Gain.Measure(frames: 2048, opened: 100, sharing: 40, taking: 200)) }
    #expect(!gain.isLost)
  }

  @Test
  func `a flood of SYNs`() {
    #expect(Self.blocks(96, opening: 2000, sharing: 40, taking: 400).isLost)
    #expect(!Self.blocks(95, opening: 2000, sharing: 40, taking: 400).isLost)
    #expect(!Self.blocks(96, opening: 1900, sharing: 40, taking: 400).isLost)
  }
}
