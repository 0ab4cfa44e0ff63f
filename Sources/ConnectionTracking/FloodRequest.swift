package import PacketDecoding

/// A SYN of a flood, and whose place it takes.
package struct FloodRequest: Sendable, BitwiseCopyable {
  package let ends: RequestEnds
  package let now: Instant
  /// That of the one that goes; once the observer knows of both, that of the one that came.
  package var account: AccountKey

  @inline(__always)
  init(_ ends: RequestEnds, at now: Instant, inPlaceOf former: AccountKey) {
    self.ends = ends
    self.now = now
    account = former
  }

  /// As many as are told of at once.
  typealias Run = InlineArray<8, FloodRequest>

  /// What stands where there is none.
  static var none: FloodRequest {
    let nobody = RequestEnds(SegmentEnds.none)
    return FloodRequest(nobody, at: Instant(nanoseconds: 0), inPlaceOf: AccountKey(service: 0, peer: 0))
  }
}
