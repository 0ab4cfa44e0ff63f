package import PacketDecoding

/// What time does to connections.
extension Tracker {
  /// Meets all deadlines up to `now`: as a rule that of one connection, so that little is asked of the other queues.
  package mutating func advance(to now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    observer.note(now)
    if kernelTimers.earliest != nil { meetKernelTimers(at: now, observer: &observer) }
    // What is enqueued from now on brings it nearer by itself.
    nextDeadline = Self.never
    // Those who write down what they are told of know the queues in this order.
    meet(.halfOpen, at: now, &observer)
    meet(.answered, at: now, &observer)
    meet(.unansweredFIN, at: now, &observer)
    meet(.timeWait, at: now, &observer)
    meet(.ended, at: now, &observer)
    meet(.idleTransit, at: now, &observer)
    meet(.orphan, at: now, &observer)
    meet(.oneSided, at: now, &observer)
    if let earliest = kernelTimers.earliest { nextDeadline = min(nextDeadline, earliest) }
  }

  @inline(__always)
  private mutating func meet(
    _ kind: DeadlineQueue.Kind,
    at now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let slot = queues.head(of: kind)
    guard slot != .none else { return }
    let deadline = table[stayAt: slot].deadline
    guard deadline <= now else {
      nextDeadline = min(nextDeadline, deadline)
      return
    }
    if kind == .timeWait { meetTimeWaits(at: now, &observer) } else { meetOthers(kind, at: now, &observer) }
  }

  @inline(never)
  private mutating func meetTimeWaits(at now: Instant, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    meetDue(.timeWait, at: now, &observer)
  }

  @inline(never)
  private mutating func meetOthers(
    _ kind: DeadlineQueue.Kind,
    at now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    meetDue(kind, at: now, &observer)
  }

  @inline(__always)
  private mutating func meetDue(
    _ kind: DeadlineQueue.Kind,
    at now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    while case let slot = queues.head(of: kind), slot != .none {
      let deadline = table[stayAt: slot].deadline
      guard deadline <= now else {
        nextDeadline = min(nextDeadline, deadline)
        break
      }
      // Requests, of which there may be very many, are asked for where they are taken out.
      if kind != .halfOpen { table.prefetchLeaving(after: slot) }
      observer.meets(deadline, ofQueue: kind.rawValue)
      if kind == .timeWait {
        leaveTimeWait(slot, at: now, observer: &observer)
      } else {
        meetDeadline(of: slot, kind, at: now, observer: &observer)
      }
      expectNext(in: kind, &observer)
    }
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
    // Of those behind others it is known.
    if queues.add(slot, to: kind, due: deadline, &table) { nextDeadline = min(nextDeadline, deadline) }
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
