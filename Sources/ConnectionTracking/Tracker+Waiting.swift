internal import PacketDecoding

/// What a connection waits for next in its regular course. The same as `requeue`, where it stands in the queue that the
/// step before put it into.
extension Tracker {
  /// Both ends are established.
  @inline(__always)
  mutating func waitForNothing(_ slot: Slot, at now: Instant) { waitForNothing(slot, after: .halfOpen, at: now) }

  /// Half of it is closed.
  @inline(__always)
  mutating func waitForSecondFIN(_ slot: Slot, at now: Instant) {
    if table.updateHotLine(slot, { flow in flow.traits.isOrphan }) { return requeue(slot, at: now) }
    waitForNothing(slot, after: .unansweredFIN, at: now)
  }

  /// The same at the first FIN, where the ACK of it goes unseen.
  @inline(__always)
  mutating func waitForUnseenSecondFIN(_ slot: Slot, at now: Instant) {
    let mayStay = table.updateHotLine(slot) { flow in flow.queue == .open && !flow.traits.isOrphan }
    if !mayStay || settings.idleTransit != nil { requeue(slot, at: now) }
  }

  @inline(__always)
  private mutating func waitForNothing(_ slot: Slot, after queue: DeadlineQueue.Kind, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == queue }), settings.idleTransit == nil, !queues.listsOpen
    else { return requeue(slot, at: now) }
    queues[queue].remove(slot, &table)
    table.updateHotLine(slot) { flow in flow.queue = .open }
    queues.addOpen(slot, &table)
  }

  /// The first FIN has come.
  @inline(__always)
  mutating func waitForAcknowledgment(of slot: Slot, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == .open }), !queues.listsOpen else {
      return requeue(slot, at: now)
    }
    add(slot, to: .unansweredFIN, until: now + settings.unansweredFIN)
  }

  /// An end goes into TIME_WAIT.
  @inline(__always)
  mutating func waitForTimeWait(of slot: Slot, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == .open }), !queues.listsOpen else {
      return requeue(slot, at: now)
    }
    add(slot, to: .timeWait, until: settings.timer.end(ofTimeWaitDueAt: now + settings.timeWait))
  }

  /// The TIME_WAIT of an end may have begun anew, and is over then; the other end holds none.
  @inline(__always)
  mutating func waitForRenewedTimeWait(of slot: Slot, until end: Instant, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == .timeWait }) else { return requeue(slot, at: now) }
    let deadline = settings.timer.end(ofTimeWaitDueAt: end)
    let before = table[stayAt: slot].deadline
    if before == deadline { return }
    guard before < deadline, queues[.timeWait].postpone(slot, until: deadline, &table) else {
      queues[.timeWait].remove(slot, &table)
      return add(slot, to: .timeWait, until: deadline)
    }
  }
}
