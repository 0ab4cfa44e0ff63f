package import PacketDecoding

/// What time does to connections.
extension Tracker {
  /// Meets all deadlines up to `now`.
  package mutating func advance(to now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    observer.note(now)
    meetKernelTimers(at: now, observer: &observer)
    // What is enqueued from now on brings it nearer by itself.
    nextDeadline = Self.never
    for kind in DeadlineQueue.Kind.withDeadline {
      while case let slot = queues.head(of: kind), slot != .none {
        let deadline = table[stayAt: slot].deadline
        guard deadline <= now else {
          nextDeadline = min(nextDeadline, deadline)
          break
        }
        // Requests, of which there may be very many, are asked for where they are taken out.
        if kind != .halfOpen { table.prefetchLeaving(after: slot) }
        observer.meets(deadline, ofQueue: kind.rawValue)
        meetDeadline(of: slot, kind, at: now, observer: &observer)
        expectNext(in: kind, &observer)
      }
    }
    if let earliest = kernelTimers.earliest { nextDeadline = min(nextDeadline, earliest) }
  }

  mutating func meetDeadline(
    of slot: Slot,
    _ kind: DeadlineQueue.Kind,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    switch kind {
    case .timeWait:
      leaveTimeWait(slot, at: now, observer: &observer)
    case .orphan:
      vanish(slot, table.flow(at: slot).halfClosedEnd, at: now, observer: &observer)
    case .unansweredFIN, .idleTransit, .oneSided:
      let idle = table.flow(at: slot).idle(at: now)
      let limit = kind == .unansweredFIN ? settings.unansweredFIN : settings.idleTransit ?? settings.unansweredFIN
      if idle >= limit {
        retire(slot, as: .expired, observer: &observer)
      } else {
        queues[kind].remove(slot, &table)
        let deadline = Instant(nanoseconds: now.nanoseconds &+ limit.nanoseconds &- idle.nanoseconds)
        enqueue(slot, in: kind, until: deadline)
      }
    case .halfOpen, .request:
      if table.isRequest(slot) {
        retireRequest(slot, isShed: false, observer: &observer)
      } else if !retireUnheard(slot, isShed: false, observer: &observer) {
        retire(slot, as: .expired, observer: &observer)
      }
    case .answered, .ended, .open, .free:
      retire(slot, as: .expired, observer: &observer)
    }
  }

  /// Ends the TIME_WAITs that are through; the other end's may last a moment longer.
  private mutating func leaveTimeWait(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let timer = settings.timer
    let step = table.updateClosing(slot) { flow, detail, closing in
      let before = flow.standing
      if flow.first.phase == .timeWait, timer.end(ofTimeWaitDueAt: closing[.first].timeWaitEnd) <= now {
        flow.first.phase = .closed
      }
      if flow.second.phase == .timeWait, timer.end(ofTimeWaitDueAt: closing[.second].timeWaitEnd) <= now {
        flow.second.phase = .closed
      }
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    guard step.after.holdsTimeWait else {
      report(step, slot, &observer)
      if step.after.isOver { leave(slot, observer: &observer) } else { retire(slot, as: .expired, observer: &observer) }
      return
    }
    report(step, slot, &observer)
    queues[.timeWait].remove(slot, &table)
    let deadline = table.earliestTimeWaitEnd(slot, timer)
    enqueue(slot, in: .timeWait, until: deadline)
    noteKernelTimer(of: slot)
  }

  /// Puts a connection into the queue that its states call for.
  mutating func requeue(_ slot: Slot, at now: Instant) {
    let idlesOut = settings.idleTransit != nil
    let (old, new) = table.updateHotLine(slot) { flow in (flow.queue, flow.queueForPhases(idlesOut)) }
    let deadline: Instant
    switch new {
    case .timeWait: deadline = table.earliestTimeWaitEnd(slot, settings.timer)
    case old where new != .orphan: return
    case .open: deadline = Self.never
    case .unansweredFIN: deadline = now + settings.unansweredFIN
    default: deadline = rareDeadline(of: slot, in: new, at: now)
    }
    // The second TIME_WAIT of a connection does not move the end of the first.
    if old == new, table[stayAt: slot].deadline == deadline { return }
    leave(old, slot)
    add(slot, to: new, until: deadline)
  }

  @inline(never)
  private mutating func rareDeadline(
    of slot: Slot,
    in kind: DeadlineQueue.Kind,
    at now: Instant
  ) -> Instant { deadline(of: slot, in: kind, at: now) }

  /// One end has been heard, but the kernel knows of the connection.
  mutating func leaveOneSided(_ slot: Slot, at now: Instant) {
    queues[.oneSided].remove(slot, &table)
    table.updateHotLine(slot) { flow in flow.queue = .open }
    enqueue(slot, at: now)
  }

  mutating func enqueue(_ slot: Slot, at now: Instant) {
    let idlesOut = settings.idleTransit != nil
    let kind = table.updateHotLine(slot) { flow in flow.queueForPhases(idlesOut) }
    enqueue(slot, in: kind, until: deadline(of: slot, in: kind, at: now))
  }

  mutating func enqueue(_ slot: Slot, in kind: DeadlineQueue.Kind, until deadline: Instant) {
    add(slot, to: kind, until: deadline)
  }

  @inline(__always)
  mutating func add(_ slot: Slot, to kind: DeadlineQueue.Kind, until deadline: Instant) {
    table.updateHotLine(slot) { flow in flow.queue = kind }
    nextDeadline = min(nextDeadline, deadline)
    queues.add(slot, to: kind, due: deadline, &table)
  }

  /// Takes a connection out of the queue it stands in.
  @inline(__always)
  mutating func leave(_ kind: DeadlineQueue.Kind, _ slot: Slot) {
    queues.remove(slot, from: kind, &table)
  }

  @inline(__always)
  private mutating func deadline(of slot: Slot, in kind: DeadlineQueue.Kind, at now: Instant) -> Instant {
    switch kind {
    case .timeWait: table.earliestTimeWaitEnd(slot, settings.timer)
    case .orphan: table.update(slot) { flow, _, rare in rare.closing[flow.halfClosedEnd].timeWaitEnd }
    case .halfOpen, .request, .answered: now + settings.halfOpen
    case .unansweredFIN: now + settings.unansweredFIN
    case .ended: now + settings.ended
    case .idleTransit, .oneSided: settings.idleTransit.map { now + $0 } ?? Self.never
    case .open, .free: Self.never
    }
  }

  private static var never: Instant { Instant(nanoseconds: .max) }
}
