internal import PacketDecoding

/// How connections come, and go.
extension Tracker {
  mutating func open(
    _ segment: Segment,
    _ payload: RawSpan,
    _ key: FlowKey,
    _ sender: End,
    _ interface: UInt8,
    _ now: Instant,
    _ captured: Timestamp,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    makeRoom(forHandshake: segment.flags.isSYN, observer: &observer)
    var flow = Flow(key, at: now, captured: captured)
    var detail = FlowDetail(serial: nextSerial)
    var rare = FlowRarities()
    let (roles, side, forwards) = settings.withHost(key.namespace) { host in
      let roles = Roles(of: segment, from: sender, host)
      let (client, server) = (key.endpoint(roles.client), key.endpoint(roles.client.other))
      return (roles, host.localAddresses.side(client: client, server: server), host.forwards)
    }
    flow.traits.clientIsSecond = roles.client == .second
    flow.traits.rolesObserved = roles.areObserved
    flow.localSide = side
    if roles.client != sender { detail.append(.rolesFlipped, by: .server, &rare) }
    if !segment.opensConnection { flow.pickUp() }
    let isControlOnly = settings.isControlOnly(captured)
    detail.isPartial = isControlOnly
    let before = flow.standing
    var stream = StreamStep(before: flow[sender], rare.oddities[sender])
    let effect = flow.take(segment, from: sender, &detail, &rare, isControlOnly: isControlOnly)
    stream.finish(flow[sender], rare.oddities[sender])
    flow[interfaceOf: sender] = interface
    flow.armTimeWait(effect, from: sender, &rare.closing, until: now + settings.timeWait)
    guard let slot = table.insert(key, flow, detail, rare) else { return }
    nextSerial += 1
    count(effect.anomalies)
    if flow.isUnanswered { unansweredCount += 1 }
    let account = observer.opened(
      client: key.endpoint(roles.client),
      server: key.endpoint(roles.client.other),
      namespace: key.namespace,
      flow.standing
    )
    table.update(slot) { $1.account = account }
    noteUnowned(at: slot)
    let step = Step(before: before, after: flow.standing, account: account, wasRetransmission: stream.wasRetransmission)
    if log.isOn { log(segment, from: sender, at: slot, step, captured: captured) }
    converse(segment, payload, from: sender, at: slot, stream, silence: .zero, closes: step.closes, now, &observer)
    table.update(slot) { flow, detail in flow.noteQuiet(&detail) }
    if step.ends { reportEnd(of: slot, &observer) }
    enqueue(slot, at: now)
    if forwards { noteUnconfirmed(slot, at: now, observer: &observer) }
  }

  @inline(__always)
  var lacksRoomForHandshakes: Bool {
    unansweredCount >= settings.unansweredCapacity || halfOpenCount >= settings.halfOpenCapacity
  }

  /// Sheds what matters least: connections that ended, then the oldest of those that strangers can make up alone, then
  /// TIME_WAIT, then the oldest.
  @inline(__always)
  mutating func makeRoom(forHandshake: Bool, observer: inout (some ConnectionObserver & ~Copyable)) {
    if forHandshake, lacksRoomForHandshakes { evictHandshake(observer: &observer) }
    if !table.hasRoom { shed(observer: &observer) }
  }

  @inline(never)
  private mutating func shed(observer: inout (some ConnectionObserver & ~Copyable)) {
    let leastFirst: [DeadlineQueue.Kind] = [
      .ended, .oneSided, .halfOpen, .unansweredFIN, .timeWait, .orphan, .idleTransit, .open,
    ]
    for kind in leastFirst {
      if kind == .halfOpen, halfOpenCount > 0 { return evictHandshake(observer: &observer) }
      let oldest = queues.oldest(of: kind, &table)
      if oldest != .none { return evictOldest(oldest, observer: &observer) }
    }
  }

  /// The oldest that nobody answered, or else the oldest. Those before it that were answered get a queue of their own,
  /// each once.
  @inline(never)
  private mutating func evictHandshake(observer: inout (some ConnectionObserver & ~Copyable)) {
    while case let oldest = queues.head(of: .halfOpen), oldest != .none {
      guard !table.isRequest(oldest) else {
        evicted += 1
        return retireRequest(oldest, isShed: true, observer: &observer)
      }
      guard !table.updateHotLine(oldest, { flow in flow.isUnanswered }) else {
        return evictOldest(oldest, observer: &observer)
      }
      queues.remove(oldest, from: .halfOpen, &table)
      enqueue(oldest, in: .answered, until: table[stayAt: oldest].deadline)
    }
    let answered = queues[.answered].head
    if answered != .none { evictOldest(answered, observer: &observer) }
  }

  /// - Parameter oldest: the first of its queue.
  private mutating func evictOldest(_ oldest: Slot, observer: inout (some ConnectionObserver & ~Copyable)) {
    table.prefetchLeaving(after: oldest)
    evicted += 1
    if !retireUnheard(oldest, isShed: true, observer: &observer) { evict(oldest, observer: &observer) }
  }

  @inline(never)
  mutating func evict(_ slot: Slot, observer: inout (some ConnectionObserver & ~Copyable)) {
    table.update(slot) { flow, _ in if flow.closeKind == .none { flow.traits.evicted = true } }
    retire(slot, as: .expired, observer: &observer)
  }

  /// Takes a connection out; if it had no end yet, `kind` is its end.
  mutating func retire(_ slot: Slot, as kind: CloseKind, observer: inout (some ConnectionObserver & ~Copyable)) {
    if kind == .reused, table.flow(at: slot).closeKind == .none { anomalies[.reusedWhileOpen] += 1 }
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      if flow.closeKind == .none { flow.closeKind = kind }
      flow.quiet = QuietMarks()
      flow.first.phase = .closed
      flow.second.phase = .closed
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    leave(slot, observer: &observer)
  }

  /// Takes out one that has come to its end, which has been reported.
  mutating func leave(_ slot: Slot, observer: inout (some ConnectionObserver & ~Copyable)) {
    if observer.hearsOfLeaving { tellLeaving(slot, &observer) }
    leave(table.updateHotLine(slot) { flow in flow.queue }, slot)
    heads.forget(slot)
    table.remove(slot)
  }
  /// (All that is known of it needs a large frame.)
  @inline(never)
  mutating func tellLeaving(_ slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    observer.left(table.currentView(at: slot))
  }
}
