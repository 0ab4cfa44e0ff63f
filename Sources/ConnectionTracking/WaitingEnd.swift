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
  /// The same as `waits`, by two bits of its number: it is asked of all connections again and again.
  @inline(__always)
  var waitsByNumber: Bool { rawValue & 0b1010 == 0b0010 }

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
    let limit = table.slotLimit
    let end = max(first, min(first &+ count, limit))
    var number = first
    while let slot = table.firstWaiting(from: number, before: end) {
      number = slot.rawValue + 1
      // Handshakes are many in a flood, and most are young.
      let isHandshake = table.updateHotLine(slot) { flow in flow.queue.isHandshake }
      if isHandshake, settings.begin(ofHalfOpen: table[stayAt: slot]) + Phase.synSent.patience > now { continue }
      table.forEachWaiting(at: slot, now, settings, body)
    }
    return end < limit ? end : nil
  }

  /// The end with this role, when it waits.
  package func waitingEnd(_ connection: ConnectionView, _ role: Role, at now: Instant) -> WaitingEnd? {
    let (flow, conversation) = (connection.flow, connection.conversation)
    let opened = flow.queue.isHandshake ? settings.begin(ofHalfOpen: connection.stay) : nil
    return WaitingEnd(
      flow,
      connection.key,
      role,
      account: connection.detail.account,
      since: opened ?? conversation.closed,
      lastPayload: conversation.lastPayload,
      at: now
    )
  }
}

extension WaitingEnd {
  /// Nil when the end does not wait.
  @inline(__always)
  fileprivate init?(
    _ flow: borrowing Flow,
    _ key: FlowKey,
    _ role: Role,
    account: AccountKey,
    since: Instant?,
    lastPayload: Instant?,
    at now: Instant
  ) {
    let end = flow.end(of: role)
    let phase = flow[end].phase
    guard phase.waits else { return nil }
    let lastSeen = Instant(nanoseconds: now.nanoseconds &- flow.idle(at: now).nanoseconds)
    let client = flow.end(of: .client)
    self.init(
      client: key.endpoint(client),
      server: key.endpoint(client.other),
      role: role,
      phase: phase,
      locality: flow.localSide.locality(of: role),
      account: account,
      since: since ?? lastSeen,
      active: max(since ?? lastSeen, lastPayload ?? Instant(nanoseconds: .min)),
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

extension FlowTable {
  /// The ends of one connection that wait, the client's first, from where it stands.
  fileprivate mutating func forEachWaiting(
    at slot: Slot,
    _ now: Instant,
    _ settings: borrowing TrackerSettings,
    _ body: (WaitingEnd) -> Void
  ) {
    let offset = place(of: slot)
    let isRequest = isRequest(slot)
    let number = unsafe isRequest ? .none : memory.details.start[offset].rarities
    let isHandshake = unsafe memory.flows.start[offset].queue.isHandshake
    let closed = number == .none ? nil : memory.closings[number].particulars.closed
    let since = isHandshake ? settings.begin(ofHalfOpen: self[stayAt: slot]) : closed
    let hasTurns = unsafe !isRequest && memory.details.start[offset].hasConversation
    let lastPayload = unsafe hasTurns ? memory.turns.start[offset].lastPayload : nil
    let account = unsafe isRequest ? memory.flows.start[offset].requestAccount : memory.details.start[offset].account
    for role in [Role.client, .server] {
      let waiting = unsafe WaitingEnd(
        memory.flows.start[offset],
        key(at: slot),
        role,
        account: account,
        since: since,
        lastPayload: lastPayload,
        at: now
      )
      if let waiting { body(waiting) }
    }
  }
}
