internal import PacketDecoding

/// How TIME_WAIT ends.
extension Tracker {
  /// Ends a TIME_WAIT that is through.
  mutating func leaveTimeWait(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let step = table.endTimeWait(slot, at: now, settings.timer) else {
      return endTimeWaits(slot, at: now, observer: &observer)
    }
    let account = table.detail(at: slot).account
    let side = table.updateHotLine(slot) { flow in flow.localSide }
    _ = observer.took(step, account, side, at: now)
    if observer.hearsOfLeaving { tellLeaving(slot, &observer) }
    queues[.timeWait].remove(slot, &table)
    heads.forget(slot)
    table.remove(slot)
  }

  /// Ends the TIME_WAITs that are through; the other end's may last a moment longer.
  @inline(never)
  private mutating func endTimeWaits(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let timer = settings.timer
    let step = table.updateClosing(slot) { flow, detail, closing in
      let before = flow.standing
      flow.quiet = QuietMarks()
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
}

extension FlowTable {
  /// Ends the TIME_WAIT of the end that closed first, when it is through and the other end has closed; nil, and nothing
  /// is changed, for all others.
  @inline(__always)
  fileprivate func endTimeWait(_ slot: Slot, at now: Instant, _ timer: TimeWaitTimer) -> RegularStep? {
    updateKeptClosing(slot) { flow, _, closing in
      let (first, second) = (flow.first.phase, flow.second.phase)
      guard first == .timeWait && second == .closed || first == .closed && second == .timeWait else { return nil }
      let closer: End = first == .timeWait ? .first : .second
      let role = flow.role(of: closer)
      guard flow.isClosed(by: role), timer.end(ofTimeWaitDueAt: closing[closer].timeWaitEnd) <= now else { return nil }
      flow[closer].phase = .closed
      return .endOfTimeWait(of: role)
    }
  }
}
