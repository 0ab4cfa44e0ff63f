import PacketDecoding

@testable import ConnectionTracking

/// The tracker again, as plainly as can be: a dictionary, and a look at every connection before every segment. No
/// index, no slots, no queues, no deadline kept.
struct NaiveTracker {
  struct Connection {
    var flow: Flow
    var detail: FlowDetail
    var stay: Stay
    var rare = FlowRarities()
    var kind: DeadlineQueue.Kind
    var since: Instant

    func view(_ key: FlowKey) -> ConnectionView {
      ConnectionView(key: key, flow: flow, detail: detail, stay: stay, rarities: rare)
    }
  }

  var settings: TrackerSettings
  private(set) var connections: [FlowKey: Connection] = [:]
  private(set) var ended: [ConnectionView] = []
  private(set) var duplicates = 0
  private var serial: UInt64 = 1

  init(settings: TrackerSettings) {
    self.settings = settings
  }

  mutating func receive(_ segment: Segment, interface: UInt8, at now: Instant) {
    advance(to: now)
    let (key, sender) = FlowKey.between(segment.source, segment.destination, scope: segment.scope)
    guard var connection = connections[key] else {
      open(segment, key, sender, interface, now)
      return
    }
    let owner = connection.flow[interfaceOf: sender]
    if owner != interface, owner != Flow.noInterface, !connection.flow[sender].learns(from: segment) {
      duplicates += 1
      return
    }
    if connection.flow.meaning(of: segment, from: sender, &connection.detail) == .opensAnother {
      end(key, as: .reused)
      open(segment, key, sender, interface, now)
      return
    }
    take(segment, from: sender, interface, now, &connection)
    connections[key] = connection
  }

  private mutating func open(_ segment: Segment, _ key: FlowKey, _ sender: End, _ interface: UInt8, _ now: Instant) {
    let captured = Timestamp(nanoseconds: now.nanoseconds)
    var flow = Flow(key, at: now, captured: captured)
    let roles = Roles(of: segment, from: sender, settings.home)
    flow.traits.clientIsSecond = roles.client == .second
    flow.traits.rolesObserved = roles.areObserved
    flow.localSide = settings.localAddresses.side(
      client: key.endpoint(roles.client),
      server: key.endpoint(roles.client.other)
    )
    if !segment.opensConnection { flow.pickUp() }
    var detail = FlowDetail(serial: serial)
    if roles.client != sender { _ = detail.append(.rolesFlipped, by: .server) }
    var connection = Connection(flow: flow, detail: detail, stay: Stay(start: captured), kind: .free, since: now)
    take(segment, from: sender, interface, now, &connection)
    connections[key] = connection
    serial += 1
  }

  private func take(
    _ segment: Segment,
    from sender: End,
    _ interface: UInt8,
    _ now: Instant,
    _ connection: inout Connection
  ) {
    let isProtected = settings.protectsTimeWait && connection.flow.isLocalTimeWait(sender.other)
    let effect = connection.flow.take(
      segment,
      from: sender,
      &connection.detail,
      &connection.rare,
      ignoresReset: isProtected && segment.flags.isRST,
      isControlOnly: settings.isControlOnly(Timestamp(nanoseconds: now.nanoseconds))
    )
    connection.flow.armTimeWait(effect, from: sender, &connection.rare.closing, until: now + settings.timeWait)
    connection.flow.lastSeen = now.milliseconds
    connection.flow[interfaceOf: sender] = interface
    note(&connection, at: now)
  }

  private func note(_ connection: inout Connection, at now: Instant) {
    let kind = connection.flow.queueForPhases(settings.idleTransit != nil)
    if kind != connection.kind { connection.since = now }
    connection.kind = kind
    connection.flow.queue = kind
  }

  mutating func advance(to now: Instant) {
    for (key, found) in connections {
      var connection = found
      switch connection.kind {
      case .open, .free, .orphan: continue
      case .idleTransit, .oneSided:
        let waited = min(connection.flow.idle(at: now), now - connection.since)
        if let limit = settings.idleTransit, waited >= limit { end(key, as: .expired) }
      case .halfOpen, .request, .answered: if now - connection.since >= settings.halfOpen { end(key, as: .expired) }
      case .ended: if now - connection.since >= settings.ended { end(key, as: .expired) }
      case .unansweredFIN:
        let waited = min(connection.flow.idle(at: now), now - connection.since)
        if waited >= settings.unansweredFIN { end(key, as: .expired) }
      case .timeWait:
        for end in [End.first, .second] where connection.flow[end].phase == .timeWait {
          if connection.rare.closing[end].timeWaitEnd <= now { connection.flow[end].phase = .closed }
        }
        connections[key] = connection
        if connection.flow.first.phase != .timeWait, connection.flow.second.phase != .timeWait {
          end(key, as: .expired)
        }
      }
    }
  }

  /// From now on only what opens and closes connections is captured.
  mutating func beginControlOnly(at now: Instant) {
    settings.controlOnlyUntil = Timestamp(nanoseconds: .max)
    for (key, found) in connections {
      var connection = found
      guard connection.flow.closeKind == .none || connection.kind != .ended else { continue }
      if connection.flow.idle(at: now) < Seconds(1) { connection.flow.assumeAcknowledgments() }
      connection.flow.armTimeWait(
        SegmentEffect(),
        from: .first,
        &connection.rare.closing,
        until: now + settings.timeWait
      )
      note(&connection, at: now)
      connections[key] = connection
    }
  }

  mutating func endControlOnly(at time: Timestamp) { settings.controlOnlyUntil = time }

  private mutating func end(_ key: FlowKey, as kind: CloseKind) {
    guard var connection = connections.removeValue(forKey: key) else { return }
    if connection.flow.closeKind == .none { connection.flow.closeKind = kind }
    connection.flow.first.phase = .closed
    connection.flow.second.phase = .closed
    ended.append(connection.view(key))
  }
}
