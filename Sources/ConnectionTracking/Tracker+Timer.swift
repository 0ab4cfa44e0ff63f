package import PacketDecoding

/// TIME_WAITs whose time is up, and which the kernel still has in its table.
extension Tracker {
  private static let tickTolerance = Seconds(nanoseconds: 500_000_000)

  /// It is known now, or known better, when the kernel takes TIME_WAITs away.
  package mutating func setTimer(
    _ timer: TimeWaitTimer,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let old = settings.timer
    guard timer != old else { return }
    settings.timer = timer
    // Those that were kept for a tick that was still to come have it now.
    guard case .waiting(let limit) = old else { return }
    for slot in timeWaits(dueBy: limit) { meetDeadline(of: slot, .timeWait, at: now, observer: &observer) }
  }

  /// How many local ends in TIME_WAIT are only waiting for the kernel's timer, by number of their network namespace.
  package func overdueTimeWaits(at now: Instant) -> [Int] {
    var counts = [Int](repeating: 0, count: settings.others.count + 1)
    // They all go at its next tick. That may have been known less well when they were put in their places.
    let limit = settings.timer.end(ofTimeWaitDueAt: now) + Self.tickTolerance
    for slot in timeWaits(dueBy: limit) {
      let (flow, rare) = (table.flow(at: slot), table.rarities(at: slot))
      let namespace = Int(table.key(at: slot).namespace)
      guard counts.indices.contains(namespace) else { continue }
      for end in [End.first, .second] where flow.isLocalTimeWait(end) && rare.closing[end].timeWaitEnd <= now {
        counts[namespace] += 1
      }
    }
    return counts
  }

  private func timeWaits(dueBy limit: Instant) -> [Slot] {
    var slots: [Slot] = []
    var slot = queues[.timeWait].head
    while slot != .none {
      let stay = table[stayAt: slot]
      guard stay.deadline <= limit else { break }
      slots.append(slot)
      slot = stay.following
    }
    return slots
  }
}
