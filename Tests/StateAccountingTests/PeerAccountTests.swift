import Testing

@testable import StateAccounting

@Suite struct PeerAccountTests {
  /// One that is no whole number of lines long lies across more of them than it has.
  @Test func isThreeCacheLinesLong() {
    #expect(MemoryLayout<PeerAccount>.stride == 3 * 64)
  }
}
