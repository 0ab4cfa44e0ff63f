internal import PacketDecoding

/// How nearly all connections begin.
extension Flow {
  /// The first segment of a connection is a SYN that nothing is odd about.
  @inline(__always)
  static func mayOpenPlainly(_ segment: Segment) -> Bool {
    segment.flags.isBareSYN && segment.payloadLength == 0 && segment.window != 0 && segment.checksum != .bad
  }

  /// Takes the SYN of a new connection, for which `mayOpenPlainly` holds.
  @inline(__always)
  mutating func openPlainly(_ arrival: inout Arrival, from sender: End, _ detail: inout FlowDetail) {
    let base = arrival.segment.sequence &+ 1
    traits.clientIsSecond = sender == .second
    traits.rolesObserved = true
    _ = detail.append(.syn, by: .client)
    self[interfaceOf: sender] = arrival.interface
    self[sender.other].phase = .listen
    self[sender].phase = .synSent
    detail[sender].initialFlags = arrival.segment.flags.rawValue
    _ = self[sender].countPacket()
    self[sender].start(at: base, &detail[sender])
    self[sender].offer(arrival.segment)
    detail[sender].observed = .synSent
    _ = detail[sender].once.insert(.syn)
    if arrival.segment.options.present.timestamps {
      detail[sender].recentTimestamp = arrival.segment.options.timestampValue
      detail[sender].sentTimestamps = true
    }
  }
}
