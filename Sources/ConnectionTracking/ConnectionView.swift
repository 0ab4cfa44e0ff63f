package import PacketDecoding

/// A connection as readers see it: a copy, by role instead of by end.
package struct ConnectionView: Sendable, BitwiseCopyable {
  package let key: FlowKey
  package let flow: Flow
  package let detail: FlowDetail
  let stay: Stay
  let rarities: FlowRarities
  package let conversation: Conversation

  init(
    key: FlowKey,
    flow: Flow,
    detail: FlowDetail,
    stay: Stay,
    rarities: FlowRarities,
    conversation: Conversation = Conversation()
  ) {
    self.key = key
    self.flow = flow
    self.detail = detail
    self.stay = stay
    self.rarities = rarities
    self.conversation = conversation
  }

  /// Time of the first packet.
  package var start: Timestamp { stay.start }
  package var client: Endpoint { key.endpoint(flow.end(of: .client)) }
  package var server: Endpoint { key.endpoint(flow.end(of: .server)) }
  /// The SYN was answered, or the connection was picked up while it was running.
  package var wasAnswered: Bool { flow.traits.isAnswered }

  /// Its payload was not captured all the time: what was said is not known, nor how much.
  package var isPartial: Bool { detail.isPartial }

  /// From the first packet to the last.
  package var life: Seconds {
    Seconds(nanoseconds: max(flow.lastPacket.nanoseconds &- start.nanoseconds, 0))
  }

  package var standing: Standing { flow.standing }
  package var history: History { History(detail.letters, rarities.oddities.letters) }

  package var connState: ConnState {
    ConnState(
      client: detail[flow.end(of: .client)].observed,
      server: detail[flow.end(of: .server)].observed,
      payloadSeen: bytes(of: .client) > 0 || bytes(of: .server) > 0,
      resetUnanswered: history.opensWithUnansweredReset
    )
  }

  package func sentFIN(_ role: Role) -> Bool { flow[flow.end(of: role)].marks.sentFIN }

  package func heldTimeWait(_ role: Role) -> Bool { flow[flow.end(of: role)].marks.heldTimeWait }

  /// Segments sent.
  package func packets(of role: Role) -> UInt64 {
    let end = flow.end(of: role)
    return UInt64(rarities.oddities[end].packetWraps) << UInt64(FlowEnd.packetBits) | UInt64(flow[end].packets)
  }

  /// The control bits of its first segment, as they stand in the header; none when it sent nothing.
  package func initialFlags(of role: Role) -> TCPFlags {
    TCPFlags(rawValue: detail[flow.end(of: role)].initialFlags)
  }

  /// Those of all later ones.
  package func laterFlags(of role: Role) -> TCPFlags {
    let end = flow.end(of: role)
    return flow[end].laterFlags | TCPFlags(rawValue: rarities.closing[laterFlagsOf: end])
  }

  package func unionFlags(of role: Role) -> TCPFlags { initialFlags(of: role) | laterFlags(of: role) }

  package func retransmits(of role: Role) -> UInt64 { UInt64(rarities.oddities[flow.end(of: role)].retransmits) }

  /// Payload octets sent, each once: the stretch of sequence space without SYN and FIN.
  package func bytes(of role: Role) -> UInt64 {
    let end = flow.end(of: role)
    return flow[end].octets(after: detail[end].base, wraps: rarities.oddities[end].sequenceWraps)
  }

  /// What is left of the longer TIME_WAIT; nil when neither end is in it.
  package func timeWaitRemaining(at now: Instant) -> Seconds? {
    var latest: Instant?
    for end in [End.first, .second] where flow[end].phase == .timeWait {
      latest = max(latest ?? rarities.closing[end].timeWaitEnd, rarities.closing[end].timeWaitEnd)
    }
    return latest.map { max($0 - now, .zero) }
  }

  package var interface: UInt8? {
    let first = flow.firstInterface
    let interface = first == Flow.noInterface ? flow.secondInterface : first
    return interface == Flow.noInterface ? nil : interface
  }
}

extension FlowEnd {
  /// Payload octets that it sent, each once.
  ///
  /// - Parameter wraps: how often its numbers began anew.
  @inline(__always)
  func octets(after base: SequenceNumber, wraps: UInt16) -> UInt64 {
    guard marks.hasNext else { return 0 }
    let top = UInt64(wraps) << 32 | UInt64(next.rawValue)
    let base = UInt64(base.rawValue)
    // Where not all is captured, numbers are believed that lead back before the beginning.
    guard top > base else { return 0 }
    return top - base - (marks.sentFIN ? 1 : 0)
  }
}
