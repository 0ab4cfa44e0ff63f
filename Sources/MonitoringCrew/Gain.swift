internal import Glibc

/// Whether several threads gain anything by a file, as far as its beginning tells.
///
/// They do not where it takes as long to give frames to others as to take them: few connections that send much. Nor in a
/// flood of SYNs, of which the books hear as much as those who take shares: there nearly each frame opens a connection.
struct Gain {
  /// What was found about some frames that follow each other.
  struct Measure: Equatable {
    var frames = 0
    /// Connections that they and those before them opened.
    var opened = 0
    /// Nanoseconds of the processors' time that it took to share them out, and to take them.
    var sharing = 0
    var taking = 0

    static func += (sum: inout Measure, more: Measure) {
      sum.frames += more.frames
      sum.opened = more.opened
      sum.sharing += more.sharing
      sum.taking += more.taking
    }
  }

  private var frames = 0
  /// After the first.
  private var usual = Measure()
  private(set) var isLost = false

  /// Until then memory is used for the first time, which takes longer than all else.
  private static let firstFrames = 1 << 16
  private static let usualFrames = 1 << 16
  /// Later it is not asked for: too much would be done once more.
  static let lastFrame = 3 << 16

  mutating func note(_ measure: Measure) {
    frames += measure.frames
    guard frames > Self.firstFrames else { return }
    let wasKnown = usual.frames >= Self.usualFrames
    usual += measure
    // One thread has no sharing out to do, and loses no time with waking others.
    if !wasKnown, usual.frames >= Self.usualFrames, 2 * usual.taking < 5 * usual.sharing { isLost = true }
    if frames >= Self.lastFrame, measure.opened > frames / 20 * 19 { isLost = true }
  }
}

/// Of the processors' time, what this thread has taken: others may have them meanwhile.
struct ThreadClock {
  private var start = Self.now

  var nanoseconds: Int { Self.now - start }

  private static var now: Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
