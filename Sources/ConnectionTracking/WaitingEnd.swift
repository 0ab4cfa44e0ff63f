package import PacketDecoding

/// An end that waits for what its own program, or the other end, has to do.
package struct WaitingEnd: Sendable, BitwiseCopyable {
  package var client: Endpoint
  package var server: Endpoint
  package var role: Role
  package var phase: Phase
  package var locality: Locality?
  package var account: AccountKey
  /// It waits since then; the last sign of life of what was found in the kernel's table.
  package var since: Instant
  /// When something last went either way.
  package var active: Instant
  /// No process holds it: the kernel ends it.
  package var isOrphan: Bool
}

extension Phase {
  /// It goes on when somebody acts, and not by itself.
  @inline(__always)
  package var waits: Bool {
    switch self {
    case .closeWait, .finWait2, .synSent, .synReceived: true
    case .closed, .listen, .established, .finWait1, .closing, .lastAck, .timeWait: false
    }
  }
}

extension Phase {
  /// To wait longer than this is worth a word. A handshake takes a second more for each segment lost; half of a
  /// connection may stay open while the other half is used.
  package var patience: Seconds { self == .synSent || self == .synReceived ? Seconds(3) : Seconds(60) }
}

extension Tracker {
  /// Ends that wait, from number `first` on: those of connections, and then those that sent a SYN of which nothing more
  /// is known.
  ///
  /// - Returns: the number to go on with; nil at the end.
  package mutating func forEachWaiting(
    from first: UInt32,
    count: UInt32,
    at now: Instant,
    _ body: (WaitingEnd) -> Void
  ) -> UInt32? {
    let requests = table.requestNumbers
    let slots = first..<max(first, min(first.addingClamped(count), table.slotLimit))
    for number in slots {
      let slot = Slot(number)
      let isWanted = table.updateHotLine(slot) { flow in
        guard flow.queue != .free, flow.first.phase.waits || flow.second.phase.waits else { return false }
        // Handshakes are many in a flood, and most are young.
        return !flow.queue.isHandshake || begin(ofHalfOpen: table[stayAt: slot]) + Phase.synSent.patience <= now
      }
      guard isWanted else { continue }
      for role in [Role.client, .server] {
        if let waiting = waitingEnd(table.view(at: slot), role, at: now) { body(waiting) }
      }
    }
    if slots.upperBound < table.slotLimit { return slots.upperBound }
    let next = max(first, requests.lowerBound)
    let end = max(next, min(next.addingClamped(count - UInt32(slots.count)), requests.upperBound))
    for number in next..<end where isWaiting(requestAt: number, now) {
      guard let connection = table.connection(atNumber: number) else { continue }
      if let waiting = waitingEnd(connection, .client, at: now) { body(waiting) }
    }
    return end < requests.upperBound ? end : nil
  }

  private func isWaiting(requestAt number: UInt32, _ now: Instant) -> Bool {
    guard let request = table.request(atNumber: number) else { return false }
    return table.handshakes.beginning(request).now + Phase.synSent.patience <= now
  }

  /// The end with this role, when it waits.
  package func waitingEnd(_ connection: ConnectionView, _ role: Role, at now: Instant) -> WaitingEnd? {
    let (flow, conversation) = (connection.flow, connection.conversation)
    let phase = flow[flow.end(of: role)].phase
    guard phase.waits else { return nil }
    let lastSeen = Instant(nanoseconds: now.nanoseconds &- flow.idle(at: now).nanoseconds)
    let isHalfOpen = flow.queue.isHandshake
    let since = isHalfOpen ? begin(ofHalfOpen: connection.stay) : conversation.closed
    return WaitingEnd(
      client: connection.client,
      server: connection.server,
      role: role,
      phase: phase,
      locality: flow.localSide.locality(of: role),
      account: connection.detail.account,
      since: since ?? lastSeen,
      active: max(since ?? lastSeen, conversation.lastPayload ?? Instant(nanoseconds: .min)),
      isOrphan: flow.traits.isOrphan
    )
  }

  /// When its deadline was set.
  private func begin(ofHalfOpen stay: Stay) -> Instant {
    Instant(nanoseconds: stay.deadline.nanoseconds &- settings.halfOpen.nanoseconds)
  }
}

extension UInt32 {
  fileprivate func addingClamped(_ other: UInt32) -> UInt32 { UInt32(clamping: UInt64(self) + UInt64(other)) }
}
