package import PacketDecoding

/// What the kernel's socket table adds to what packets tell: connections from before the start, ends that went
/// silently.
extension Tracker {
  /// Holds an entry of the kernel's table against what is known.
  ///
  /// - Parameters:
  ///   - now: engine time. All packets up to the reading of the entry must have been taken.
  ///   - time: when the entry was read, on the clock that packets are stamped with.
  package mutating func compare(
    _ entry: SocketEntry,
    in reading: TableReading,
    at now: Instant,
    time: Timestamp,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> TableFinding {
    let isOver = entry.expiry.map { hasEnded(entry.phase, dueAt: $0, at: now) } ?? false
    let (key, end) = FlowKey.between(entry.local, entry.remote, scope: 0, namespace: reading.namespace)
    guard let slot = table.findWhole(key) else {
      if isOver || !reading.isFirst && isAboutToEnd(entry, at: now) { return .expired }
      adopt(entry, key, end, in: reading, at: now, time: time, observer: &observer)
      return .adopted
    }
    let (known, isBusy, isOneSided) = table.update(slot) { flow, detail, rare in
      let isUnread = flow.traits.fromKernel && detail[end].reading == 0
      detail[end].reading = reading.number
      rare.oddities[end].absences = 0
      return (flow[end].phase, flow.isActive(since: reading.began) && !isUnread, flow.queue == .oneSided)
    }
    if isOneSided { leaveOneSided(slot, at: now) }
    restoreLocality(slot, at: now, observer: &observer)
    setOwner(entry.ownership, of: end, slot, &observer)
    if known == entry.phase {
      if let expiry = entry.expiry { setExpiry(expiry, of: end, slot, at: now) }
      return .agrees
    }
    if isOver { return .expired }
    if isBusy { return .tooRecent }
    correct(slot, end, to: entry, at: now, observer: &observer)
    return .corrected
  }

  /// An entry whose time is up stays in the kernel's table until its timer goes off.
  private func hasEnded(_ phase: Phase, dueAt expiry: Instant, at now: Instant) -> Bool {
    (phase == .timeWait ? settings.timer.end(ofTimeWaitDueAt: expiry) : expiry) <= now
  }

  /// Ours has ended already, perhaps: taken over, it would be another connection. An entry that is read late seems to
  /// end late, and the tick that took ours away is not past it then.
  private func isAboutToEnd(_ entry: SocketEntry, at now: Instant) -> Bool {
    entry.expiry.map { $0 - now < Self.timerTolerance } ?? false
  }

  private mutating func adopt(
    _ entry: SocketEntry,
    _ key: FlowKey,
    _ end: End,
    in reading: TableReading,
    at now: Instant,
    time: Timestamp,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    makeRoom(forHandshake: entry.phase == .synSent || entry.phase == .synReceived, observer: &observer)
    var flow = Flow(key, at: now, captured: time)
    var detail = FlowDetail(serial: nextSerial)
    var rare = FlowRarities()
    let (client, side) = settings.withHost(reading.namespace) { host in
      let client = Self.client(of: entry, end, host)
      return (client, host.localAddresses.side(client: key.endpoint(client), server: key.endpoint(client.other)))
    }
    flow.traits.clientIsSecond = client == .second
    flow.traits.fromKernel = true
    flow.localSide = side
    flow.adopt(entry.phase, of: end, keepsPeer: false)
    detail[end].reading = reading.number
    if let expiry = entry.expiry {
      rare.closing[end].timeWaitEnd = expiry
      flow.traits.isOrphan = entry.phase == .finWait2
    }
    if flow[end.other].phase == .timeWait { rare.closing[end.other].timeWaitEnd = now + settings.timeWait }
    guard let slot = table.insert(key, flow, detail, rare) else { return }
    nextSerial += 1
    if flow.isUnanswered { unansweredCount += 1 }
    let account = observer.opened(
      client: key.endpoint(client),
      server: key.endpoint(client.other),
      namespace: key.namespace,
      flow.standing
    )
    table.update(slot) { $1.account = account }
    setOwner(entry.ownership, of: end, slot, &observer)
    enqueue(slot, at: now)
    if entry.expiry != nil { noteKernelTimer(of: slot) }
    if settings.asksForProcesses, entry.expiry == nil { noteUnowned(flow.role(of: end), at: slot) }
  }

  private static func client(of entry: SocketEntry, _ end: End, _ host: borrowing HostRules) -> End {
    switch entry.role {
    case .client: end
    case .server: end.other
    case nil: Roles.looksLikeService(entry.local, beside: entry.remote, host) ? end.other : end
    }
  }

  private mutating func correct(
    _ slot: Slot,
    _ end: End,
    to entry: SocketEntry,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let timeWait = settings.timeWait
    let step = table.update(slot) { flow, detail, rare in
      let before = flow.standing
      flow.adopt(entry.phase, of: end, keepsPeer: flow.isLocal(end.other))
      flow.traits.isOrphan = entry.phase == .finWait2 && entry.expiry != nil
      rare.closing[end].timeWaitEnd = entry.expiry ?? Instant(nanoseconds: 0)
      for either in [end, end.other] where flow[either].phase == .timeWait {
        if rare.closing[either].timeWaitEnd.nanoseconds == 0 { rare.closing[either].timeWaitEnd = now + timeWait }
      }
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
    if entry.expiry != nil { noteKernelTimer(of: slot) }
  }
}
