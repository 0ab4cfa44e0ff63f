import PacketDecoding
import Testing

@testable import Daemon

@Suite struct CaptureRestTests {
  private static func instant(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
  private static func span(_ milliseconds: Int64) -> Seconds { Seconds(nanoseconds: milliseconds * 1_000_000) }

  /// How long it rests that had so many frames in the last 10 ms.
  private static func rest(
    after frames: Int,
    _ tier: CaptureTier = .control,
    ring: Int = 64 << 20,
    lastHurry hurry: Instant? = nil
  ) -> Seconds? {
    var rest = CaptureRest(ring: ring, at: instant(0))
    rest.note(frames, isAll: true, tier, lastHurry: hurry, at: instant(10))
    return rest.left(at: instant(10))
  }

  @Test func fewFramesAreWaitedFor() {
    #expect(Self.rest(after: 0) == nil)
    #expect(Self.rest(after: 127) == nil)
  }

  @Test func manyFramesGather() {
    #expect(Self.rest(after: 128) == Self.span(50))
    #expect(Self.rest(after: 128, .headers) == Self.span(10))
    #expect(Self.rest(after: 128, .full) == Self.span(10))
    // No more than the caches hold.
    #expect(Self.rest(after: 2048) == Seconds(nanoseconds: 10_000_000 / 2048 * 4096))
    #expect(Self.rest(after: 10_240) == Seconds(nanoseconds: 10_000_000 / 10_240 * 4096))
    #expect(Self.rest(after: 40_960) == nil)
  }

  @Test func whoMustBeAskedIsNotKeptWaiting() {
    let now: Int64 = 10
    #expect(Self.rest(after: 128, lastHurry: Self.instant(now)) == nil)
    #expect(Self.rest(after: 128, lastHurry: Self.instant(now - 999)) == nil)
    #expect(Self.rest(after: 128, lastHurry: Self.instant(now - 1000)) == Self.span(50))
  }

  @Test func noRingOverflowsMeanwhile() {
    #expect(Self.rest(after: 128, ring: 16 << 20) == Seconds(nanoseconds: 31_250_000))
    #expect(Self.rest(after: 128, ring: 64 << 10) == nil)
  }

  @Test func whatIsLeftIsTakenFirst() {
    var rest = CaptureRest(ring: 64 << 20, at: Self.instant(0))
    rest.note(1024, isAll: false, .control, lastHurry: nil, at: Self.instant(10))
    #expect(rest.left(at: Self.instant(10)) == nil)
    rest.note(100, isAll: true, .control, lastHurry: nil, at: Self.instant(11))
    #expect(rest.left(at: Self.instant(11)) != nil)
  }

  @Test func aQuestionMeanwhileDoesNotEndIt() {
    var rest = CaptureRest(ring: 64 << 20, at: Self.instant(0))
    rest.note(640, isAll: true, .control, lastHurry: nil, at: Self.instant(10))
    rest.note(100, isAll: true, .control, lastHurry: nil, at: Self.instant(20))
    #expect(rest.left(at: Self.instant(20)) == Self.span(40))
    #expect(rest.left(at: Self.instant(60)) == nil)
    // Those are of the same span.
    rest.note(28, isAll: true, .control, lastHurry: nil, at: Self.instant(60))
    #expect(rest.left(at: Self.instant(60)) == Self.span(50))
    rest.note(127, isAll: true, .control, lastHurry: nil, at: Self.instant(110))
    #expect(rest.left(at: Self.instant(110)) == nil)
  }
}
