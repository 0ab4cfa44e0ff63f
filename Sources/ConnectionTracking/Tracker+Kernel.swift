package import PacketDecoding

/// What the kernel's socket table adds to what packets tell: connections from before the start, ends that went silently.
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
    guard let slot = table.find(key) else {
      if isOver { return .expired }
      adopt(entry, key, end, in: reading, at: now, time: time, observer: &observer)
      return .adopted
    }
    let (known, isBusy, isOneSided) = table.update(slot) { flow, detail, rare in
      let isUnread = flow.traits.fromKernel && detail[end].reading == 0
      detail[end].reading = reading.number
      rare.oddities[end].absences = 0
      return (flow[end].phase, flow.isActive(since: reading.began) && !isUnread, flow.queue == .oneSided)
    }
    if isOneSided { confirm(slot, at: now) }
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
    var detail = FlowDetail(serial: nextSerial, start: time)
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

  // MARK: The kernel's timers

  /// Its deadline is met in time although it does not come in the order of its queue.
  mutating func noteKernelTimer(of slot: Slot) {
    let detail = table.detail(at: slot)
    kernelTimers.add(DeadlineHeap.Entry(deadline: detail.deadline, slot: slot, serial: detail.serial))
    nextDeadline = min(nextDeadline, detail.deadline)
  }

  mutating func meetKernelTimers(at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    while let entry = kernelTimers.take(dueAt: now) {
      let (flow, detail) = (table.flow(at: entry.slot), table.detail(at: entry.slot))
      guard flow.queue == .timeWait || flow.queue == .orphan, detail.serial == entry.serial, detail.deadline <= now
      else { continue }
      meetDeadline(of: entry.slot, flow.queue, at: now, observer: &observer)
    }
  }

  private static let timerTolerance = Seconds(nanoseconds: 150_000_000)

  /// Takes over the kernel's timer when ours is off: a segment that it did not take, or took and we have not seen.
  private mutating func setExpiry(_ expiry: Instant, of end: End, _ slot: Slot, at now: Instant) {
    let tolerance = Self.timerTolerance
    let isChanged = table.update(slot) { flow, _, rare in
      let isNewOrphan = flow[end].phase == .finWait2 && !flow.traits.isOrphan
      if isNewOrphan { flow.traits.isOrphan = true }
      let known = rare.closing[end].timeWaitEnd
      let isOff = known - expiry > tolerance || expiry - known > tolerance
      guard isNewOrphan || isOff && !flow.isActive(since: Instant(nanoseconds: now.nanoseconds &- 1_000_000_000))
      else { return false }
      rare.closing[end].timeWaitEnd = expiry
      return true
    }
    guard isChanged else { return }
    requeue(slot, at: now)
    noteKernelTimer(of: slot)
  }

  // MARK: What the kernel does not have

  /// Local ends that should have a socket and were not in a complete reading, from slot `first` on.
  ///
  /// - Returns: the slot to go on with; nil at the end.
  package func missing(
    in reading: TableReading,
    from first: UInt32,
    count: UInt32,
    at now: Instant,
    into missing: inout [MissingSocket]
  ) -> UInt32? {
    let end = min(first &+ count, table.slotLimit)
    for number in first..<max(first, end) {
      guard let connection = table.connection(atNumber: number), connection.key.scope == 0,
        connection.key.namespace == reading.namespace
      else { continue }
      let (flow, detail, rare) = (connection.flow, connection.detail, connection.rarities)
      guard !flow.isActive(since: reading.began) else { continue }
      for end in [End.first, .second] where flow.isLocal(end) && flow[end].phase.hasSocket {
        let isOver = flow[end].phase == .timeWait && rare.closing[end].timeWaitEnd <= now + Self.timerTolerance
        if detail[end].reading != reading.number, !isOver {
          let name = connection.key.socketName(of: end)
          missing.append(MissingSocket(name: name, phase: flow[end].phase))
        }
      }
    }
    return end < table.slotLimit ? end : nil
  }

  /// The kernel was asked for this socket, and has none.
  ///
  /// - Parameter overflowed: sockets skipped TIME_WAIT lately, because there were too many.
  package mutating func noteAbsence(
    of name: SocketName,
    in reading: TableReading,
    overflowed: Bool,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> AbsenceFinding {
    let (key, end) = FlowKey.between(name.local, name.remote, scope: 0, namespace: name.namespace)
    guard let slot = table.find(key) else { return .known }
    let finding = table.update(slot) { flow, detail, rare -> AbsenceFinding in
      guard flow.isLocal(end), flow[end].phase.hasSocket, !flow.isActive(since: reading.began),
        detail[end].reading != reading.number
      else { return .known }
      if rare.oddities[end].absences < .max { rare.oddities[end].absences += 1 }
      let hadSocket = detail[end].reading != 0 || detail[end.other].reading != 0
      if hadSocket || overflowed && flow[end].phase == .timeWait { return .ended }
      guard rare.oddities[end].absences >= 2 else { return .suspected }
      return flow[end].phase.endsSilently ? .ended : .transit
    }
    switch finding {
    case .known, .suspected: break
    case .ended: vanish(slot, end, at: now, observer: &observer)
    case .transit: makeTransit(slot, at: now, observer: &observer)
    }
    return finding
  }

  /// An end went without a packet.
  mutating func vanish(_ slot: Slot, _ end: End, at now: Instant, observer: inout (some ConnectionObserver & ~Copyable))
  {
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      flow.traits.isOrphan = false
      flow[end].phase = .closed
      if !flow.isLocal(end.other) { flow[end.other].phase = .closed }
      if flow.closeKind == .none { flow.closeKind = .expired }
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
  }

  mutating func makeTransit(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      flow.localSide = .transit
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
  }

  // MARK: Packets of a connection that came from the kernel's table

  /// The first packet since. One from before the reading was still on its way to us: a SYN says more of the connection
  /// than the table did, anything else is what led to the state that was read.
  mutating func takeFirst(
    _ segment: Segment,
    _ payload: RawSpan,
    from sender: End,
    at slot: Slot,
    _ interface: UInt8,
    _ now: Instant,
    _ captured: Timestamp,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isOlder = table.update(slot) { _, detail in captured < detail.start }
    if isOlder {
      guard segment.flags.isSYN, !segment.flags.isRST else { return }
      restart(slot, at: now, captured: captured, observer: &observer)
      take(segment, payload, from: sender, at: slot, interface, now, captured, &observer)
      return
    }
    table.update(slot) { flow, detail, rare in
      flow.traits.fromKernel = false
      detail.start = captured
      flow.learnFINs(from: segment, sender: sender, &detail, &rare)
    }
    receive(segment, payload: payload, interface: interface, at: now, captured: captured, observer: &observer)
  }

  /// Forgets what the table told, for the connection is known from its beginning after all.
  private mutating func restart(
    _ slot: Slot,
    at now: Instant,
    captured: Timestamp,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let key = table.key(at: slot)
    let step = table.update(slot) { flow, detail, rare in
      let before = flow.standing
      var fresh = Flow(key, at: now, captured: captured)
      fresh.traits.clientIsSecond = flow.traits.clientIsSecond
      fresh.traits.rolesObserved = true
      fresh.localSide = flow.localSide
      fresh.queue = flow.queue
      flow = fresh
      detail.start = captured
      let account = detail.account
      detail[.first] = FlowEndDetail()
      detail[.second] = FlowEndDetail()
      detail.account = account
      rare.forgetAllButHistory()
      detail.hasConversation = false
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
  }

  // MARK: Half-closed ends

  private static let halfClosedLimit = 4096

  mutating func noteHalfClose(_ step: Step, _ slot: Slot) {
    guard step.after.isHalfClosed, !step.before.isHalfClosed, halfClosed.count < Self.halfClosedLimit else { return }
    let (flow, key) = (table.flow(at: slot), table.key(at: slot))
    let end = flow.halfClosedEnd
    guard flow.isLocal(end), key.scope == 0 else { return }
    halfClosed.append(key.socketName(of: end))
  }

  /// Local ends that went to FIN_WAIT_2 since the last call, and are still there.
  package mutating func takeHalfClosed(in namespace: UInt8 = 0) -> [SocketName] {
    defer { halfClosed.removeAll { $0.namespace == namespace } }
    return halfClosed.filter { name in
      guard name.namespace == namespace else { return false }
      let (key, end) = FlowKey.between(name.local, name.remote, scope: 0, namespace: name.namespace)
      guard let slot = table.find(key) else { return false }
      return table.flow(at: slot)[end].phase == .finWait2
    }
  }
}

extension Standing {
  fileprivate var isHalfClosed: Bool { clientPhase == .finWait2 || serverPhase == .finWait2 }
}
