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
  /// Ends that wait, from slot `first` on.
  ///
  /// - Returns: the slot to go on with; nil at the end.
  package mutating func forEachWaiting(
    from first: UInt32,
    count: UInt32,
    at now: Instant,
    _ body: (WaitingEnd) -> Void
  ) -> UInt32? {
    let end = min(UInt32(clamping: UInt64(first) + UInt64(count)), table.slotLimit)
    var number = first
    while let slot = table.firstWaiting(from: number, before: end) {
      number = slot.rawValue + 1
      // Handshakes are many in a flood, and most are young.
      let isHandshake = table.updateHotLine(slot) { flow in flow.queue.isHandshake }
      if isHandshake, settings.begin(ofHalfOpen: table[stayAt: slot]) + Phase.synSent.patience > now { continue }
      let view = table.currentView(at: slot)
      for role in [Role.client, .server] {
        if let waiting = WaitingEnd(view, role, at: now, settings) { body(waiting) }
      }
    }
    return end < table.slotLimit ? end : nil
  }

  /// The end with this role, when it waits.
  package func waitingEnd(_ connection: ConnectionView, _ role: Role, at now: Instant) -> WaitingEnd? {
    WaitingEnd(connection, role, at: now, settings)
  }
}

extension WaitingEnd {
  fileprivate init?(_ connection: ConnectionView, _ role: Role, at now: Instant, _ settings: borrowing TrackerSettings)
  {
    let (flow, conversation) = (connection.flow, connection.conversation)
    let phase = flow[flow.end(of: role)].phase
    guard phase.waits else { return nil }
    let lastSeen = Instant(nanoseconds: now.nanoseconds &- flow.idle(at: now).nanoseconds)
    let isHalfOpen = flow.queue.isHandshake
    let since = isHalfOpen ? settings.begin(ofHalfOpen: connection.stay) : conversation.closed
    self.init(
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
}

extension TrackerSettings {
  /// When the deadline of a handshake was set.
  fileprivate func begin(ofHalfOpen stay: Stay) -> Instant {
    Instant(nanoseconds: stay.deadline.nanoseconds &- halfOpen.nanoseconds)
  }
}
