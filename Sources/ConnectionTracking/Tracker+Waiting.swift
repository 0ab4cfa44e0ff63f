internal import PacketDecoding

/// What a connection waits for next in its regular course. The same as `requeue`, where it stands in the queue that the
/// step before put it into.
extension Tracker {
  /// Both ends are established, or half of it is closed.
  @inline(__always)
  mutating func waitForNothing(_ slot: Slot, at now: Instant) {
    let (old, isOpen) = table.updateHotLine(slot) { flow in (flow.queue, flow.waitsForNothing) }
    guard isOpen, settings.idleTransit == nil, !queues.listsOpen, old == .halfOpen || old == .unansweredFIN else {
      return requeue(slot, at: now)
    }
    queues[old].remove(slot, &table)
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

  /// An end holds TIME_WAIT.
  @inline(__always)
  mutating func waitForTimeWait(of slot: Slot, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == .open }), !queues.listsOpen else {
      return requeue(slot, at: now)
    }
    add(slot, to: .timeWait, until: table.earliestTimeWaitEnd(slot, settings.timer))
  }

  /// The same, when it may have begun anew.
  @inline(__always)
  mutating func waitForRenewedTimeWait(of slot: Slot, at now: Instant) {
    guard table.updateHotLine(slot, { flow in flow.queue == .timeWait }) else { return requeue(slot, at: now) }
    let deadline = table.earliestTimeWaitEnd(slot, settings.timer)
    // The second TIME_WAIT of a connection does not move the end of the first.
    if table[stayAt: slot].deadline == deadline { return }
    queues[.timeWait].remove(slot, &table)
    add(slot, to: .timeWait, until: deadline)
  }
}

extension Flow {
  /// With nothing but its ends' states to go by.
  @inline(__always)
  fileprivate var waitsForNothing: Bool {
    let (first, second) = (first.phase, second.phase)
    if first == .established { return second == .established }
    return !traits.isOrphan
      && (first == .closeWait && second == .finWait2 || first == .finWait2 && second == .closeWait)
  }
}
