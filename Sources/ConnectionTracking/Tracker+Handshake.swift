package import PacketDecoding

/// Handshakes that do not go through at once.
extension Tracker {
  /// A segment with SYN came on a known connection.
  mutating func noteHandshake(
    _ step: Step,
    from sender: End,
    at slot: Slot,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard step.wasRetransmission else {
      guard step.after.answers(since: step.before) else { return }
      let wasRepeated = table.update(slot) { _, _, rare in rare.oddities[sender.other].retransmits > 0 }
      if wasRepeated { observer.handshake(step.account, .answeredLate) }
      return
    }
    let role = table.updateHotLine(slot) { flow in flow.role(of: sender) }
    switch (role, step.before.serverPhase) {
    case (.client, .listen), (.client, .synReceived): observer.handshake(step.account, .synRepeated)
    case (.server, .synReceived): observer.handshake(step.account, .synACKRepeated(afterACK: false))
    case (.server, .established):
      // Where ACKs are not seen, what is assumed proves nothing.
      let wasSeen = table.update(slot) { _, detail in !detail.isPartial }
      observer.handshake(step.account, .synACKRepeated(afterACK: wasSeen))
    default: break
    }
  }

  /// An ICMP error that quotes a segment. Only one for the SYN of a connection that waits for its answer says something
  /// of it: established connections do not end by ICMP (RFC 5461).
  ///
  /// - Parameters:
  ///   - quoted: with its ends and its sequence number, which somebody who did not see the SYN would have to guess.
  ///   - interface: where the error was seen.
  package mutating func noteICMPError(
    _ kind: ICMPError.Kind,
    quoting quoted: Segment,
    interface: UInt8,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    anomalies[.icmpError] += 1
    guard kind != .packetTooBig else { return }
    let namespace = settings.namespace(ofInterface: interface)
    let (key, sender) = FlowKey.between(
      quoted.source,
      quoted.destination,
      scope: quoted.scope,
      namespace: namespace
    )
    guard let slot = table.findWhole(key) else { return }
    let isNews = table.update(slot) { flow, detail in
      guard flow[sender].phase == .synSent, detail[sender].base == quoted.sequence &+ 1, !detail.isUnreachable else {
        return false
      }
      detail.isUnreachable = true
      return true
    }
    if isNews { observer.handshake(table.detail(at: slot).account, .unreachable) }
  }
}

extension Phase {
  /// A server's, just after its SYN-ACK.
  @inlinable @inline(__always) var hasAnswered: Bool { self == .synReceived || self == .established }
}
