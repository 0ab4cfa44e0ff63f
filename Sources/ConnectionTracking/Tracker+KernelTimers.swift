internal import PacketDecoding

/// Deadlines that the kernel's socket table told of.
extension Tracker {
  /// Its deadline is met in time although it does not come in the order of its queue.
  mutating func noteKernelTimer(of slot: Slot) {
    let deadline = table[stayAt: slot].deadline
    kernelTimers.add(DeadlineHeap.Entry(deadline: deadline, slot: slot, serial: table.detail(at: slot).serial))
    nextDeadline = min(nextDeadline, deadline)
  }

  mutating func meetKernelTimers(at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    while let entry = kernelTimers.take(dueAt: now) {
      let (flow, detail) = (table.flow(at: entry.slot), table.detail(at: entry.slot))
      guard flow.queue == .timeWait || flow.queue == .orphan, detail.serial == entry.serial,
        table[stayAt: entry.slot].deadline <= now
      else { continue }
      meetDeadline(of: entry.slot, flow.queue, at: now, observer: &observer)
    }
  }

  /// By so much what is read of a timer may be off.
  static let timerTolerance = Seconds(nanoseconds: 150_000_000)

  /// Takes over the kernel's timer when ours is off: a segment that it did not take, or took and we have not seen.
  mutating func setExpiry(_ expiry: Instant, of end: End, _ slot: Slot, at now: Instant) {
    let tolerance = Self.timerTolerance
    let isChanged = table.update(slot) { flow, _, rare in
      let isNewOrphan = flow[end].phase == .finWait2 && !flow.traits.isOrphan
      if isNewOrphan { flow.traits.isOrphan = true }
      let known = rare.closing[end].timeWaitEnd
      // What is over by both only waits for the tick.
      let isOff = (known - expiry > tolerance || expiry - known > tolerance) && max(known, expiry) > now
      guard isNewOrphan || isOff && !flow.isActive(since: Instant(nanoseconds: now.nanoseconds &- 1_000_000_000))
      else { return false }
      rare.closing[end].timeWaitEnd = expiry
      return true
    }
    guard isChanged else { return }
    requeue(slot, at: now)
    noteKernelTimer(of: slot)
  }
}
