internal import PacketDecoding

/// How an interface of a pcapng file counts time: options if_tsresol and if_tsoffset
/// (draft-ietf-opsawg-pcapng, 4.2).
struct TickClock: Hashable {
  private let ticksPerSecond: UInt64
  /// For the usual resolutions a tick is a whole number of nanoseconds; otherwise 0.
  private let nanosecondsPerTick: UInt64
  private let offsetSeconds: Int64

  static let last = Int64(1) << 62

  static let microseconds = TickClock(ticksPerSecond: 1_000_000, offsetSeconds: 0)

  private init(ticksPerSecond: UInt64, offsetSeconds: Int64) {
    self.ticksPerSecond = ticksPerSecond
    self.offsetSeconds = offsetSeconds
    let (whole, rest) = UInt64(1_000_000_000).quotientAndRemainder(dividingBy: ticksPerSecond)
    nanosecondsPerTick = rest == 0 ? whole : 0
  }

  /// - Parameter resolution: a negative power of 10, or of 2 when the top bit is set.
  /// - Returns: nil when a second has more ticks than 64 bits hold.
  init?(resolution: UInt8, offsetSeconds: Int64) {
    let exponent = resolution & 0x7f
    let isBinary = resolution & 0x80 != 0
    guard exponent <= (isBinary ? 63 : 19) else { return nil }
    let ticks = isBinary ? 1 << UInt64(exponent) : (0..<exponent).reduce(UInt64(1)) { power, _ in power * 10 }
    self.init(ticksPerSecond: ticks, offsetSeconds: offsetSeconds)
  }

  /// Times so far off that spans could not be added any more, which only damage or malice writes, are clamped: the last
  /// one is in the year 2116.
  @inline(__always)
  func timestamp(ticks: UInt64) -> Timestamp {
    let (product, overflow) = ticks.multipliedReportingOverflow(by: nanosecondsPerTick)
    if nanosecondsPerTick != 0, !overflow, offsetSeconds == 0, product <= UInt64(Self.last) {
      return Timestamp(nanoseconds: Int64(product))
    }
    return exactTimestamp(ticks: ticks)
  }

  private func exactTimestamp(ticks: UInt64) -> Timestamp {
    let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: ticksPerSecond)
    // rest < ticksPerSecond, so the quotient fits.
    let fraction = ticksPerSecond.dividingFullWidth(rest.multipliedFullWidth(by: 1_000_000_000)).quotient
    let (total, beyond) = Int64(clamping: seconds).addingReportingOverflow(offsetSeconds)
    guard !beyond, abs(total / 2) < Self.last / 2_000_000_000 else {
      return Timestamp(nanoseconds: (beyond ? offsetSeconds : total) < 0 ? -Self.last : Self.last)
    }
    return Timestamp(nanoseconds: total * 1_000_000_000 + Int64(fraction))
  }
}
