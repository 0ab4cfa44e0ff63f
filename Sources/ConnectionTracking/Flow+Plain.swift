internal import PacketDecoding

/// How nearly all connections begin.
extension Flow {
  /// The first segment of a connection is a SYN that nothing is odd about.
  @inline(__always)
  static func mayOpenPlainly(_ segment: Segment) -> Bool {
    segment.flags.isBareSYN && segment.payloadLength == 0 && segment.window != 0 && segment.checksum != .bad
  }

  /// A connection that such a SYN opens.
  @inline(__always)
  init(opening arrival: inout Arrival, by sender: End, localSide: LocalSide) {
    let (opener, other) = (FlowEnd(opening: arrival.segment), FlowEnd(.listen))
    let isFirst = sender == .first
    self.init(&arrival, isFirst ? [opener, other] : [other, opener])
    self.localSide = localSide
    traits.clientIsSecond = !isFirst
    traits.rolesObserved = true
    if isFirst { firstInterface = arrival.interface } else { secondInterface = arrival.interface }
    queue = .halfOpen
  }
}
