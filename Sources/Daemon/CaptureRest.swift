internal import PacketDecoding

/// How long the worker lets frames gather in the rings, while many come: to take those of a while together costs less
/// than to wake for each block of a ring, for between two wakes others drive what is needed out of the caches. Questions
/// and the clock wake it all the same, and then it takes what there is first.
struct CaptureRest {
  /// A ring takes longer than this to fill, whatever comes.
  private let longest: Seconds
  /// Frames taken since the rings were empty, and since when that is.
  private var count = 0
  private var emptied: Instant
  private var end: Instant?

  /// More of them are not gathered: the first would no longer be near when their turn comes.
  private static let most = 4096
  /// With fewer a block's time each wake is as good.
  private static let fewest = 128
  private static let limit = Seconds(nanoseconds: 10_000_000)
  /// Where only what opens and closes connections is captured, it is because there is too much else to do.
  private static let limitOfControl = Seconds(nanoseconds: 50_000_000)
  /// What is shorter is not worth it.
  private static let shortest = Seconds(nanoseconds: 2_000_000)
  /// For so long after a socket had to be asked whose it is others are expected, which may be gone soon.
  private static let hurry = Seconds(1)
  /// More octets do not come in a second.
  private static let fastest: Int64 = 512 << 20

  /// - Parameter ring: its octets.
  init(ring: Int, at now: Instant) {
    let size = min(max(Int64(ring), 0), Self.fastest)
    longest = Seconds(nanoseconds: size * 1_000_000_000 / Self.fastest)
    emptied = now
  }

  /// Frames were taken.
  ///
  /// - Parameters:
  ///   - isAll: the rings are empty now, but for the blocks that are being filled.
  ///   - lastHurry: when a socket last had to be asked whose it is, which only frames tell of.
  mutating func note(_ frames: Int, isAll: Bool, _ tier: CaptureTier, lastHurry: Instant?, at now: Instant) {
    count += frames
    guard isAll else { return }
    // What comes while it rests is taken along when something else wakes it.
    if let end, now < end { return }
    defer { (count, emptied) = (0, now) }
    end = nil
    guard count >= Self.fewest, lastHurry.map({ now - $0 >= Self.hurry }) ?? true else { return }
    let gathering = max(now - emptied, .zero).nanoseconds / Int64(count) * Int64(Self.most)
    let limit = tier == .control ? Self.limitOfControl : Self.limit
    let length = min(Seconds(nanoseconds: gathering), longest, limit)
    if length >= Self.shortest { end = now + length }
  }

  /// How much longer it rests; nil when it waits for frames.
  func left(at now: Instant) -> Seconds? {
    guard let end, end > now else { return nil }
    return end - now
  }
}
