/// Where the lines of a text end, one after the other: sought in 64 octets at a time.
struct LineEnds {
  /// Of the 64 octets from `base` on, those not handed out yet.
  private var lineFeeds: UInt64
  private var base: Int

  @inline(__always)
  init(from start: Int) {
    base = start &- 64
    lineFeeds = 0
  }

  /// The next line feed; nil when there is none.
  @inline(__always)
  mutating func next(_ octets: RawSpan) -> Int? {
    while lineFeeds == 0 {
      base &+= 64
      guard base < octets.byteCount else { return nil }
      lineFeeds = octets.lineFeeds(from: base)
    }
    let end = base &+ lineFeeds.trailingZeroBitCount
    lineFeeds &= lineFeeds &- 1
    return end
  }
}
