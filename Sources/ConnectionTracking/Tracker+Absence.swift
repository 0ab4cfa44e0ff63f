package import PacketDecoding

/// What the kernel's socket table does not have.
extension Tracker {
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
      // Of a request neither end should have one: the server may have it in its listener, and the client is not local.
      guard let slot = table.slot(atNumber: number), !table.isRequest(slot) else { continue }
      let connection = table.view(at: slot)
      guard connection.key.scope == 0, connection.key.namespace == reading.namespace else { continue }
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
      flow.quiet = QuietMarks()
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
}
